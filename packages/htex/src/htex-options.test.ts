import { ConfigurationError } from '@parsl-ts/provider';
import { describe, expect, test } from 'vitest';

import { HighThroughputExecutor } from './high-throughput-executor.js';
import { checkHtexOptions } from './htex-options.js';

function refused(options: object): ConfigurationError {
  try {
    new HighThroughputExecutor(options);
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('options', () => {
  test('all have defaults', () => {
    expect(checkHtexOptions(undefined)).toMatchObject({
      label: 'htex',
      loopbackAddress: '127.0.0.1',
      workerPortRange: [54_000, 55_000],
      coresPerWorker: 1,
      prefetchCapacity: undefined,
      maxOutstandingBytes: 2 ** 31,
      heartbeatPeriodMs: 30_000,
      heartbeatThresholdMs: 120_000,
      encrypted: true,
      cpuAffinity: 'none',
      selector: 'spread',
      accelerators: [],
      addresses: undefined,
      addressProbeTimeoutMs: 30_000,
    });
  });

  test.each([
    ['max_workers_per_node', 'maxWorkersPerNode'],
    ['heartbeat_period', 'heartbeatPeriodMs'],
    ['heartbeat_threshold', 'heartbeatThresholdMs'],
    ['drain_period', 'drainPeriodMs'],
    ['mem_per_worker', 'memPerWorkerGb'],
    ['worker_logdir_root', 'workerLogDir'],
    ['worker_port_range', 'workerPortRange'],
    ['manager_selector', 'managerSelector'],
    ['available_accelerators', 'availableAccelerators'],
    ['adress', 'address'],
  ])('%s: did you mean %s?', (wrong, right) => {
    expect(refused({ [wrong]: 1 })).toMatchObject({
      message: expect.stringContaining(`did you mean '${right}'`) as string,
    });
  });

  test.each(['channel', 'moveFiles', 'scriptDir'])('%s is explained', (name) => {
    expect(refused({ [name]: 'x' }).message).toMatch(/does not exist: /);
  });

  test.each([
    ['label', 'a/b'],
    ['label', ''],
    ['label', '..'],
    ['provider', {}],
    ['address', []],
    ['address', ['::1']],
    ['address', 'tcp://host'],
    ['address', 'host:1'],
    ['workerPort', 0],
    ['workerPort', 70_000],
    ['workerPortRange', [2, 1]],
    ['workerPortRange', [1]],
    ['coresPerWorker', 0],
    ['memPerWorkerGb', -1],
    ['maxWorkersPerNode', 1.5],
    ['prefetchCapacity', -1],
    ['heartbeatPeriodMs', 0],
    ['heartbeatThresholdMs', 2 ** 31],
    ['drainPeriodMs', 2 ** 31],
    ['drainBeforeEndMs', -1],
    ['badNodes', true],
    ['badNodes', []],
    ['addressProbeTimeoutMs', 2 ** 31],
    ['encrypted', 'yes'],
    ['loopbackAddress', '::1'],
    ['loopbackAddress', 'tcp://127.0.0.1'],
    ['cpuAffinity', 'list:'],
    ['cpuAffinity', 'list:3-1'],
    ['cpuAffinity', 'list:0,99999'],
    ['availableAccelerators', 0],
    ['availableAccelerators', ['']],
    ['managerSelector', 'best'],
    ['managerSelector', { name: 'best' }],
    ['managerSelector', { name: 'spread', seed: 1 }],
    ['blockErrorHandler', true],
    ['launchCommand', []],
    ['workerPool', 'npx'],
    ['workerPool', []],
  ])('%s: %j is refused, and the message names the option', (name, value) => {
    const error = refused({ [name]: value });
    expect(error).toMatchObject({ code: 'PARSL_CONFIGURATION', option: name });
    expect(error.message).toContain(`option '${name}' of HighThroughputExecutor`);
  });

  test.each([
    [
      { failureRatio: 1 },
      "option 'failureRatio' of option 'badNodes' of HighThroughputExecutor must be a number of more",
    ],
    [{ minFailures: 0 }, "option 'minFailures'"],
    [{ minFailures: 65 }, "option 'minFailures'"],
    [{ minFailure: 5 }, "did you mean 'minFailures'?"],
  ])('badNodes %j is refused: %s', (badNodes, message) => {
    expect(refused({ badNodes }).message).toContain(message);
  });

  test('badNodes', () => {
    expect(checkHtexOptions({}).badNodes).toEqual({ failureRatio: 10, minFailures: 10 });
    expect(checkHtexOptions({ badNodes: { minFailures: 3 } }).badNodes).toEqual({
      failureRatio: 10,
      minFailures: 3,
    });
    expect(checkHtexOptions({ badNodes: false }).badNodes).toBeUndefined();
  });

  test('the threshold must be longer than the period', () => {
    expect(refused({ heartbeatPeriodMs: 200_000 }).option).toBe('heartbeatThresholdMs');
  });

  test.each([
    [{ path: '' }, "option 'path' of option 'workerPool' of HighThroughputExecutor must be a string"],
    [{ module: 'a; b' }, 'must be the name of a module'],
    [{ module: '--help' }, 'must be the name of a module'],
    [{ npx: '' }, "option 'npx'"],
    [{ paht: 'x' }, "did you mean 'path'?"],
    [{ path: 'x', npx: true }, "both 'path' and 'npx'"],
  ])('workerPool %j is refused: %s', (workerPool, message) => {
    expect(refused({ workerPool }).message).toContain(message);
  });

  test('workerPool and launchCommand exclude each other', () => {
    const error = refused({ workerPool: { npx: true }, launchCommand: 'pool' });
    expect(error).toMatchObject({ option: 'launchCommand' });
    expect(error.message).toContain("both 'workerPool' and 'launchCommand'");
  });

  test('shorthands', () => {
    const options = checkHtexOptions({
      address: 'login1',
      managerSelector: { name: 'block-id' },
      availableAccelerators: 3,
    });
    expect(options).toMatchObject({
      addresses: ['login1'],
      selector: 'block-id',
      accelerators: ['0', '1', '2'],
    });
  });
});
