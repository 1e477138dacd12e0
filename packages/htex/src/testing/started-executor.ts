import { readFileSync } from 'node:fs';
import type { ExecutorContext } from '@parsl-ts/core';
import { parsePoolKeys, type PoolKeys } from '@parsl-ts/wire';

import { HighThroughputExecutor } from '../high-throughput-executor.js';
import type { HighThroughputExecutorOptions } from '../htex-options.js';
import { testContext } from './test-tasks.js';

/** An executor that listens for pools, and what they need to reach it. */
export interface StartedExecutor extends AsyncDisposable {
  readonly htex: HighThroughputExecutor;
  readonly endpoint: string;
  readonly keys: PoolKeys | undefined;
  readonly fatalError: Promise<Error>;
}

/** Starts an executor that pools on this host can reach. */
export async function startExecutor(
  runDir: string,
  options: HighThroughputExecutorOptions = {},
  kernel: Partial<ExecutorContext> = {},
): Promise<StartedExecutor> {
  const htex = new HighThroughputExecutor({ address: '127.0.0.1', ...options });
  const context = { ...testContext(runDir), ...kernel };
  await htex.start(context);
  const line = htex.workerPoolCommand();
  const endpoint = /tcp:[^ ,]+/.exec(line)?.[0] ?? '';
  const keyFile = /--key-file ([^ ]+)/.exec(line)?.[1];
  return {
    htex,
    endpoint,
    keys: keyFile === undefined ? undefined : parsePoolKeys(readFileSync(keyFile, 'utf8')),
    fatalError: context.fatalError,
    [Symbol.asyncDispose]: () => htex.close(),
  };
}

/** Resolves when `isTrue` says so, asked each time that the executor hears of its pools. */
export function poolsWhere(isTrue: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const ask = () => {
      if (isTrue()) resolve();
      else setTimeout(ask, 5);
    };
    ask();
  });
}
