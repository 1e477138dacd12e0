import { ConfigurationError } from '@parsl-ts/provider';
import { NoDataFlowKernelError } from '../errors.js';
import type { KernelConfig } from './kernel-config.js';
import { DataFlowKernel } from './data-flow-kernel.js';

type Loaded = { readonly kernel: DataFlowKernel } | 'loading' | undefined;

let loaded: Loaded;

/**
 * Starts a kernel and makes it the one that takes the calls of all apps that are not bound to another. With no
 * configuration, tasks run on threads of this machine.
 *
 * @throws ConfigurationError when the configuration is wrong, or when a kernel is loaded that was not closed
 */
export async function load(config?: KernelConfig): Promise<DataFlowKernel> {
  if (loaded !== undefined) {
    throw new ConfigurationError(
      'load() was called before; close the loaded kernel first, or use DataFlowKernel.start() for a second one beside it',
      { owner: 'load()' },
    );
  }
  loaded = 'loading';
  try {
    const kernel = await DataFlowKernel.start(config);
    loaded = { kernel };
    kernel.onClose(() => {
      loaded = undefined;
    });
    return kernel;
  } catch (error) {
    loaded = undefined;
    throw error;
  }
}

/**
 * The kernel that {@link load} started.
 *
 * @throws NoDataFlowKernelError when there is none
 */
export function defaultKernel(): DataFlowKernel {
  if (loaded === undefined) {
    throw new NoDataFlowKernelError(
      'there is no kernel to run this: call `await load(config)` before calling apps, and close() after the last call',
    );
  }
  if (loaded === 'loading') {
    throw new NoDataFlowKernelError('load() has not finished yet: await it before calling apps');
  }
  return loaded.kernel;
}

/**
 * Resolves when all tasks that were submitted to the loaded kernel so far have ended.
 *
 * @throws NoDataFlowKernelError when there is none
 */
export async function waitForCurrentTasks(): Promise<void> {
  await defaultKernel().waitForCurrentTasks();
}
