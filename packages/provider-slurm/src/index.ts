export { SlurmProvider } from './slurm-provider.js';
export type { SlurmProviderOptions } from './slurm-provider-options.js';
