import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

import { isPlainCommand } from '@parsl-ts/provider';
import { LocalProvider } from '@parsl-ts/provider-local';
import { expect, test } from 'vitest';

import { checkHtexOptions, type HighThroughputExecutorOptions } from './htex-options.js';
import { blockCommand, commandByHand } from './pool-command.js';
import type { WorkerPoolLocation } from './worker-pool-location.js';

const { version } = createRequire(import.meta.url)('@parsl-ts/worker-pool/package.json') as {
  version: string;
};

function line(options: HighThroughputExecutorOptions, addresses = ['10.0.0.1']): string {
  return blockCommand(checkHtexOptions({ launchCommand: 'parsl-worker-pool', ...options }), {
    ...{ addresses, port: 54_321, keys: { file: '/run/keys.json' }, blockId: '3', logDir: undefined },
  });
}

test('says nothing that goes without saying', () => {
  expect(line({}, ['10.0.0.1', 'login1'])).toBe(
    'parsl-worker-pool --connect tcp://10.0.0.1:54321,tcp://login1:54321 --key-file /run/keys.json --block-id 3',
  );
});

test('says everything else', () => {
  const options: HighThroughputExecutorOptions = {
    ...{ coresPerWorker: 0.5, memPerWorkerGb: 2, maxWorkersPerNode: 4, prefetchCapacity: 0 },
    ...{ heartbeatPeriodMs: 100, heartbeatThresholdMs: 900, drainPeriodMs: 5000, cpuAffinity: 'block' },
    ...{ drainBeforeEndMs: 0, provider: new LocalProvider({ walltime: '01:00:00' }) },
    ...{ availableAccelerators: ['0,1', '2,3'], addressProbeTimeoutMs: 7 },
  };
  expect(line(options)).toBe(
    'parsl-worker-pool --connect tcp://10.0.0.1:54321 --key-file /run/keys.json --block-id 3 ' +
      '--cores-per-worker 0.5 --mem-per-worker-gb 2 --max-workers-per-node 4 --prefetch-capacity 0 ' +
      '--heartbeat-period-ms 100 --heartbeat-threshold-ms 900 --drain-period-ms 5000 --drain-before-end-ms 0 ' +
      '--cpu-affinity block ' +
      '--available-accelerators 0,1 --available-accelerators 2,3 --address-probe-timeout-ms 7 --walltime-ms 3600000',
  );
});

test('without encryption', () => {
  const options = checkHtexOptions({ encrypted: false, launchCommand: ['my pool'] });
  const target = { addresses: ['h'], port: 1, keys: undefined, blockId: "it's", logDir: '/a b' };
  expect(blockCommand(options, target)).toBe(
    `'my pool' --connect tcp://h:1 --unencrypted --block-id 'it'\\''s' --log-dir '/a b'`,
  );
});

test('by default it is a program of this installation, which a shell can replace itself by', () => {
  const options = checkHtexOptions({});
  const target = {
    addresses: ['h'],
    port: 1,
    keys: { variable: 'PARSL_SECRET' },
    blockId: '0',
    logDir: undefined,
  };
  const pool =
    / (\S+)\/bin\/parsl-worker-pool\.js --connect tcp:\/\/h:1 --key-variable PARSL_SECRET --block-id 0$/;
  expect(commandByHand(options, target)).toMatch(pool);
  expect(blockCommand(options, target)).toMatch(pool);
  expect(isPlainCommand(blockCommand(options, target))).toBe(true);
});

test.each<[WorkerPoolLocation, string]>([
  [{ path: '/opt/my pool' }, "'/opt/my pool' "],
  [{ npx: '1.2.3' }, 'npx --yes --package @parsl-ts/worker-pool@1.2.3 -- parsl-worker-pool '],
  [{ npx: true }, `npx --yes --package @parsl-ts/worker-pool@${version} -- parsl-worker-pool `],
  [{ module: 'nodejs/20' }, 'module load nodejs/20 && parsl-worker-pool '],
  [{ module: ['gcc', 'nodejs/20'], path: 'pool' }, 'module load gcc nodejs/20 && pool '],
  [{ path: 'pool', npx: false }, 'pool '],
])('where nodes have it, for a person and for a block: %j', (workerPool, start) => {
  const options = checkHtexOptions({ workerPool });
  const target = { addresses: ['h'], port: 1, keys: undefined, blockId: '0', logDir: undefined };
  expect(commandByHand(options, target)).toBe(`${start}--connect tcp://h:1 --unencrypted --block-id 0`);
  const command = blockCommand(options, target);
  expect(isPlainCommand(command)).toBe(true);
  expect(spawnSync('sh', ['-n'], { input: command, encoding: 'utf8' })).toMatchObject({
    status: 0,
    stderr: '',
  });
});
