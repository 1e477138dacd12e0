import type { KernelConfig } from '@parsl-ts/core';

/** The configuration that is measured when none is given: this machine, with a worker for each of its cores. */
export async function localConfig(): Promise<KernelConfig> {
  const { HighThroughputExecutor } = await import('@parsl-ts/htex');
  const { LocalProvider } = await import('@parsl-ts/provider-local');
  const provider = new LocalProvider({ initBlocks: 1, minBlocks: 1, maxBlocks: 1 });
  return { executors: [new HighThroughputExecutor({ label: 'local', provider })] };
}
