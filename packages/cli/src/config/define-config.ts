import type { KernelConfig } from '@parsl-ts/core';

/** What a configuration file exports as its default: a configuration, or a function that makes one. */
export type ConfigExport = KernelConfig | (() => KernelConfig | PromiseLike<KernelConfig>);

/** Returns what it is given, and has the compiler check it: `export default defineConfig({ executors: [...] })`. */
export function defineConfig(config: KernelConfig): KernelConfig;
export function defineConfig<C extends KernelConfig | PromiseLike<KernelConfig>>(make: () => C): () => C;
export function defineConfig(config: ConfigExport): ConfigExport {
  return config;
}
