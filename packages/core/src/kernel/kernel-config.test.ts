import { describe, expect, it } from 'vitest';
import { InlineExecutor } from '../executors/inline-executor.js';
import { ThreadPoolExecutor } from '../executors/thread-pool-executor.js';
import { checkConfig, type KernelConfig } from './kernel-config.js';

function messageFor(config: unknown): string {
  try {
    checkConfig(config as KernelConfig);
  } catch (error) {
    expect(error).toMatchObject({ code: 'PARSL_CONFIGURATION' });
    return error instanceof Error ? error.message : '';
  }
  return 'no error';
}

describe('checkConfig', () => {
  it('fills in the defaults', () => {
    const { executors, ...rest } = checkConfig(undefined);
    expect(executors.map((executor) => executor.label)).toEqual(['threads']);
    expect(rest).toEqual({
      retries: 0,
      retryHandler: undefined,
      maxWorkerKills: 3,
      maxOutstandingTasks: 4_000_000,
      dependencyResolver: undefined,
      runDir: 'runinfo',
      strategy: 'simple',
      strategyPeriodMs: 5000,
      maxIdleTimeMs: 120_000,
      logging: 'info',
      exitMode: 'cleanup',
    });
  });

  it.each([
    ['retires', "did you mean 'retries'?"],
    ['retry_handler', "did you mean 'retryHandler'?"],
    ['max_idletime', "did you mean 'maxIdleTimeMs' (in milliseconds)?"],
    ['strategyPeriod', "did you mean 'strategyPeriodMs' (in milliseconds)?"],
    ['xyz', 'the options are executors, retries'],
    ['channel', 'there are no channels'],
    ['moveFiles', 'there is no remote side'],
    ['scriptDir', 'submit_scripts'],
  ])('explains the unknown option %s', (option, explanation) => {
    expect(messageFor({ [option]: 1 })).toContain(`'${option}'`);
    expect(messageFor({ [option]: 1 })).toContain(explanation);
  });

  it.each([
    [{ retries: '3' }, "option 'retries' of the configuration must be a number of at least 0, not '3'"],
    [{ retries: -1 }, "option 'retries'"],
    [{ maxWorkerKills: 0 }, "option 'maxWorkerKills'"],
    [{ strategy: 'fast' }, "must be one of 'none', 'simple', 'htex-auto-scale'"],
    [{ logging: true }, "option 'logging'"],
    [{ logging: 'verbose' }, "option 'logging'"],
    [
      { executors: new InlineExecutor() },
      "option 'executors' of the configuration must be an array of executors",
    ],
    [{ executors: [{ label: 'x' }] }, "option 'executors'"],
    [{ executors: [] }, 'has no executor'],
    [{ executors: [new InlineExecutor(), new InlineExecutor()] }, "two executors with the label 'inline'"],
    [[], 'must be an object'],
    [5, 'must be an object'],
  ])('refuses %o', (config, message) => {
    expect(messageFor(config)).toContain(message);
  });

  it('refuses an executor that another kernel has had', () => {
    const executor = new InlineExecutor();
    checkConfig({ executors: [executor] });
    expect(messageFor({ executors: [executor] })).toContain('another kernel has used');
  });
});

describe('the options of executors and apps', () => {
  it('are checked as strictly', () => {
    expect(() => new InlineExecutor({ concurency: 4 } as object)).toThrow("did you mean 'concurrency'?");
    expect(() => new InlineExecutor({ concurrency: 0 })).toThrow("option 'concurrency' of InlineExecutor");
    expect(() => new ThreadPoolExecutor({ max_threads: 4 } as object)).toThrow("did you mean 'maxThreads'?");
    expect(() => new ThreadPoolExecutor({ maxThreads: 2, minThreads: 3 })).toThrow(
      'at most maxThreads, 2, not 3',
    );
  });
});
