export { GridEngineProvider } from './grid-engine-provider.js';
export type { GridEngineProviderOptions } from './grid-engine-options.js';
export { QrshLauncher, type QrshLauncherOptions } from './qrsh-launcher.js';
