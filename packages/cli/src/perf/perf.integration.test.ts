import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { describe, expect, onTestFinished, test } from 'vitest';

import { useWorkplace } from '../testing/workplace.js';
import type { PerfReport } from './report.js';

const workplace = useWorkplace();

/** A configuration with two executors that start worker pools, as a user of TypeScript writes it. */
const CONFIG = `
import type { KernelConfig } from '@parsl-ts/core';
import { HighThroughputExecutor } from '@parsl-ts/htex';
import { LocalProvider } from '@parsl-ts/provider-local';

const htex = (label: string, encrypted: boolean) =>
  new HighThroughputExecutor({
    label, encrypted, coresPerWorker: 0.1, maxWorkersPerNode: 2, provider: new LocalProvider({ maxBlocks: 1 }),
  });

export default { executors: [htex('cpu', true), htex('plain', false)], runDir: 'runs' } satisfies KernelConfig;
`;

async function report(...args: string[]): Promise<PerfReport> {
  const { exitCode, stdout, stderr } = await workplace.run('perf', '--json', ...args);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return JSON.parse(stdout) as PerfReport;
}

describe('a measurement', () => {
  test('of this machine, for people', async () => {
    const { exitCode, stdout, stderr } = await workplace.run('perf', '--iterate', '10,500');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^configuration +none was given: this machine, a worker for each core$/m);
    expect(stdout).toMatch(/^executor +local$/m);
    expect(stdout).toMatch(/^ +1 +10 +\d+ /m);
    expect(stdout).toMatch(/^ +2 +500 +\d+ /m);
    expect(stdout).toMatch(/^throughput +[\d,.]+ tasks\/s in the last iteration/m);
    expect(stdout).toMatch(/^latency +p50 [\d.]+ ms, p99 [\d.]+ ms, of [\d,]+ tasks one at a time$/m);
    expect(stdout).toMatch(/^first result +[\d.]+ m?s after load\(\) was called/m);
    expect(/^logs +(.*)$/m.exec(stdout)?.[1]).toBe(join(realpathSync(workplace.path), 'runinfo', '000'));
  });

  test('of one executor of a configuration in TypeScript, as JSON', async () => {
    const file = workplace.write('sub/parsl.config.ts', CONFIG);
    const found = await report(
      ...['--config', 'sub/parsl.config.ts', '--executor', 'plain', '--iterate', '20,300'],
      ...['--arg-size', '1000', '--result-size', '500'],
    );
    expect(found).toMatchObject({
      ...{
        config: realpathSync(file),
        executors: ['plain'],
        iterate: [20, 300],
        argBytes: 1000,
        resultBytes: 500,
      },
      iterations: [
        { tasks: 20, workers: 2 },
        { tasks: 300, workers: 2 },
      ],
    });
    for (const { tasks, runMs, submitMs, submitRate, rate, mbPerSecond } of found.iterations) {
      expect(rate).toBeCloseTo((1000 * tasks) / runMs);
      expect(submitRate).toBeCloseTo((1000 * tasks) / submitMs);
      expect(mbPerSecond).toBeCloseTo(rate * 0.0015);
      expect(submitMs).toBeLessThanOrEqual(runMs);
    }
    expect(found.loadMs).toBeLessThan(found.firstResultMs);
    expect(found.latency.p50Ms).toBeLessThanOrEqual(found.latency.p99Ms);
    // What is not measured is not started, and so gets no block.
    const run = join(workplace.path, 'runs', '000');
    expect(found.runDir).toBe(realpathSync(run));
    expect(existsSync(join(run, 'plain'))).toBe(true);
    expect(existsSync(join(run, 'cpu'))).toBe(false);
    expect(readdirSync(join(run, 'submit_scripts')).filter((name) => name.endsWith('.sh'))).toHaveLength(1);
  });

  test('of all executors of a configuration together', async () => {
    workplace.write('parsl.config.ts', CONFIG);
    const found = await report('--config', 'parsl.config.ts', '--iterate', '500');
    expect(found.executors).toEqual(['cpu', 'plain']);
    expect(found.iterations).toMatchObject([{ tasks: 500, workers: 4 }]);
  });

  test.each(['inline', 'threads'])('of %s in this process, exponentially', async (label) => {
    workplace.write(
      'parsl.config.mjs',
      `import { InlineExecutor, ThreadPoolExecutor } from '@parsl-ts/core';
       export default async () => ({ executors: [new InlineExecutor(), new ThreadPoolExecutor()] });`,
    );
    const found = await report(
      ...['--config', 'parsl.config.mjs', '--executor', label, '--time', '0.05', '--iterate', 'exponential'],
      ...['--arg-size', '10', '--result-size', '10'],
    );
    expect(found.iterations.map(({ tasks }) => tasks)).toEqual(
      found.iterations.map((_, index) => 10 * 2 ** index),
    );
    expect(found.iterations.at(-1)!.runMs).toBeGreaterThan(50);
  });

  test('until an estimate fills the time', async () => {
    const found = await report('--time', '0.4');
    expect(found).toMatchObject({ iterate: 'estimate', timeMs: 400, config: null });
    expect(found.iterations[0]!.tasks).toBe(10);
    expect(found.iterations.at(-1)!.runMs).toBeGreaterThanOrEqual(300);
  });

  test('uses the installation of the project where there is one', async () => {
    const core = pathToFileURL(createRequire(import.meta.url).resolve('@parsl-ts/core')).href;
    const their = 'node_modules/@parsl-ts/core';
    workplace.write(
      `${their}/package.json`,
      '{ "version": "9.8.7", "type": "module", "exports": { ".": "./a.js", "./package.json": "./package.json" } }',
    );
    workplace.write(`${their}/a.js`, `export * from ${JSON.stringify(core)};`);
    workplace.write('parsl.config.mjs', 'export default { runDir: "runs" };');
    const found = await report('--config', 'parsl.config.mjs', '--iterate', '10');
    expect(found).toMatchObject({ version: '9.8.7', executors: ['threads'] });
  });

  test('tells how to start worker pools where nothing else does', async () => {
    workplace.write(
      'parsl.config.mjs',
      `import { HighThroughputExecutor } from '@parsl-ts/htex';
       export default { executors: [new HighThroughputExecutor({ label: 'hand', address: '127.0.0.1' })] };`,
    );
    const command = workplace.start('perf', '--config', 'parsl.config.mjs', '--iterate', '10');
    const [, line = ''] = await command.printed(/'hand' waits for worker pools; start them with:\n(.+)\n/);
    const pool = spawn('sh', ['-c', `exec ${line} --max-workers-per-node 1`], { stdio: 'ignore' });
    onTestFinished(() => void pool.kill('SIGKILL'));
    const poolEnded = once(pool, 'exit');
    expect(await command.ended).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^ +1 +10 +1 .*\n\nthroughput/m),
    });
    expect(await poolEnded).toEqual([0, null]);
  });
});

describe('a measurement that is cut short leaves nothing behind', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('by %s while tasks run', async (signal) => {
    workplace.write('parsl.config.ts', CONFIG);
    const command = workplace.start('perf', '--config', 'parsl.config.ts', '--iterate', '10,100000000');
    await command.printed(/^ +1 +10 /m);
    // The command, and of each executor the interchange, the block's shell, the manager, and two workers.
    expect(command.processes().size).toBeGreaterThanOrEqual(11);
    command.child.kill(signal);
    expect(await command.ended).toMatchObject({ exitCode: null, signal, stderr: '' });
    await command.gone();
  });

  test('by SIGINT while it waits for nodes', async () => {
    workplace.write(
      'parsl.config.mjs',
      `import { HighThroughputExecutor } from '@parsl-ts/htex';
       import { LocalProvider } from '@parsl-ts/provider-local';
       const provider = new LocalProvider({ workerInit: 'sleep 1000' });
       export default { executors: [new HighThroughputExecutor({ provider })] };`,
    );
    const command = workplace.start('perf', '--config', 'parsl.config.mjs');
    await command.printed(/^logs /m);
    await expect.poll(() => [...command.processes().values()].join()).toContain('sleep 1000');
    command.child.kill('SIGINT');
    expect(await command.ended).toMatchObject({ exitCode: null, signal: 'SIGINT', stderr: '' });
    await command.gone();
  });

  test('by a reader that leaves', async () => {
    const command = workplace.start('perf', '--iterate', `10${',20000'.repeat(10_000)}`);
    await command.printed(/^ +1 +10 /m);
    command.child.stdout?.destroy();
    expect(await command.ended).toMatchObject({ exitCode: 0, stderr: '' });
    await command.gone();
  });
});

describe('a measurement fails', () => {
  test('with 1, when no block works, and says why', async () => {
    workplace.write(
      'parsl.config.mjs',
      `import { HighThroughputExecutor } from '@parsl-ts/htex';
       import { LocalProvider } from '@parsl-ts/provider-local';
       const provider = new LocalProvider({ workerInit: 'echo no module named physics >&2; exit 7', pollIntervalMs: 50 });
       export default { executors: [new HighThroughputExecutor({ label: 'cpu', provider })] };`,
    );
    const command = workplace.start('perf', '--config', 'parsl.config.mjs');
    const { exitCode, stderr } = await command.ended;
    expect(stderr).toMatch(/^parsl-ts: executor 'cpu' has failed: .*\(PARSL_EXECUTOR_FAILED\)\n$/s);
    expect(stderr).toContain('no module named physics');
    expect(exitCode).toBe(1);
    await command.gone();
  });

  test.each([
    ['{ retriez: 1 }', "unknown option 'retriez' of the configuration; did you mean 'retries'?"],
    ['{ executors: [] }', "option 'executors' of the configuration has no executor"],
    ['{ executors: "htex" }', "option 'executors' of the configuration has to be an array of executors"],
    ['{ executors: [null] }', "option 'executors' of the configuration has to be an array of executors"],
    ['{ executors: [{ label: "x" }] }', "option 'executors' of the configuration"],
    ['{ runDir: "/dev/null/runs" }', "set 'runDir' to a directory that can be written"],
  ])('with 2, when the configuration is %s', async (config, message) => {
    workplace.write('parsl.config.mjs', `export default ${config};`);
    const ended = await workplace.run('perf', '--config', 'parsl.config.mjs');
    expect(ended).toMatchObject({ exitCode: 2, stdout: '' });
    expect(ended.stderr).toMatch(/^parsl-ts: --config parsl\.config\.mjs: /);
    expect(ended.stderr).toContain(message);
  });
});
