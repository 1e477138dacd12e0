export { LocalProvider } from './local-provider.js';
export type { LocalProviderOptions } from './local-provider-options.js';
