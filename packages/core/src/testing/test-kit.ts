import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InlineExecutor } from '../executors/inline-executor.js';
import { DataFlowKernel } from '../kernel/data-flow-kernel.js';
import type { KernelConfig } from '../kernel/kernel-config.js';

/** Registers what is to be done when the test has finished: `onTestFinished` of vitest. */
type AtEnd = (cleanUp: () => Promise<void>) => void;

/** What tests need that has to be cleaned up. */
export interface TestKit {
  /** A directory that is gone when the test has finished. */
  readonly temporaryDirectory: () => Promise<string>;
  /** A kernel, on the event loop unless said otherwise, that is closed when the test has finished. */
  readonly startKernel: (config?: KernelConfig) => Promise<DataFlowKernel>;
}

/** Makes the kit of a test file. */
export function testKit(atEnd: AtEnd): TestKit {
  const temporaryDirectory = async (): Promise<string> => {
    const directory = await mkdtemp(join(tmpdir(), 'parsl-core-'));
    atEnd(() => rm(directory, { recursive: true, force: true }));
    return directory;
  };
  const startKernel = async (config: KernelConfig = {}): Promise<DataFlowKernel> => {
    const kernel = await DataFlowKernel.start({
      executors: [new InlineExecutor()],
      logging: false,
      runDir: await temporaryDirectory(),
      ...config,
    });
    atEnd(() => kernel.close());
    return kernel;
  };
  return { temporaryDirectory, startKernel };
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
