import { shellCommand } from '@parsl-ts/provider';

import type { HtexOptions } from './htex-options.js';
import { poolStart } from './pool-start.js';

/** Where a pool finds its keys: in a file on its host, or in an environment variable. */
export type KeySource = { readonly file: string } | { readonly variable: string };

/** What a worker pool has to be told beyond the options of the executor. */
export interface PoolTarget {
  readonly addresses: readonly string[];
  readonly port: number;
  /** How the pool gets its keys. `undefined`: not encrypted. */
  readonly keys: KeySource | undefined;
  readonly blockId: string;
  /** `undefined`: no logs. */
  readonly logDir: string | undefined;
}

/** The line of `sh` that starts a worker pool of a block. Options that have their defaults are left out. */
export function blockCommand(options: HtexOptions, target: PoolTarget): string {
  const walltime = given('--walltime-ms', options.provider?.walltimeMs);
  return `${poolStart(options).inBlock} ${shellCommand([...poolArguments(options, target), ...walltime])}`;
}

/** The same, for a person who starts it by hand. */
export function commandByHand(options: HtexOptions, target: PoolTarget): string {
  return `${poolStart(options).byHand} ${shellCommand(poolArguments(options, target))}`;
}

function poolArguments(options: HtexOptions, target: PoolTarget): string[] {
  const { addresses, port, keys, blockId, logDir } = target;
  const endpoints = addresses.map((address) => `tcp://${address}:${port}`);
  return [
    ...['--connect', endpoints.join(',')],
    ...keyArguments(keys),
    ...given('--block-id', blockId, 'manual'),
    ...given('--cores-per-worker', options.coresPerWorker, 1),
    ...given('--mem-per-worker-gb', options.memPerWorkerGb),
    ...given('--max-workers-per-node', options.maxWorkersPerNode),
    ...given('--prefetch-capacity', options.prefetchCapacity),
    ...given('--heartbeat-period-ms', options.heartbeatPeriodMs, 30_000),
    ...given('--heartbeat-threshold-ms', options.heartbeatThresholdMs, 120_000),
    ...given('--drain-period-ms', options.drainPeriodMs),
    ...given('--drain-before-end-ms', options.drainBeforeEndMs),
    ...given('--cpu-affinity', options.cpuAffinity, 'none'),
    ...options.accelerators.flatMap((devices) => ['--available-accelerators', devices]),
    ...given('--address-probe-timeout-ms', options.addressProbeTimeoutMs, 30_000),
    ...given('--log-dir', logDir),
  ];
}

function keyArguments(keys: KeySource | undefined): string[] {
  if (keys === undefined) return ['--unencrypted'];
  return 'file' in keys ? ['--key-file', keys.file] : ['--key-variable', keys.variable];
}

function given(name: string, value: string | number | undefined, standard?: string | number): string[] {
  return value === undefined || value === standard ? [] : [name, String(value)];
}
