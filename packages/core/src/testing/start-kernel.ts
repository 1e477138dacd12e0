import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { InlineExecutor } from '../executors/inline-executor.js';
import { DataFlowKernel } from '../kernel/data-flow-kernel.js';
import type { KernelConfig } from '../kernel/kernel-config.js';

/** A directory that is gone when the test has finished. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'parsl-core-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A kernel, on the event loop unless said otherwise, that is closed when the test has finished. */
export async function startKernel(config: KernelConfig = {}): Promise<DataFlowKernel> {
  const kernel = await DataFlowKernel.start({
    executors: [new InlineExecutor()],
    logging: false,
    runDir: await temporaryDirectory(),
    ...config,
  });
  onTestFinished(() => kernel.close());
  return kernel;
}

/** What a promise rejects with. */
export async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('the promise did not reject');
}

/** A promise that the test fulfils when it likes. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
