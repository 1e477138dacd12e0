export { PBSProProvider, type PBSProProviderOptions } from './pbs-pro-provider.js';
export { PbsdshLauncher, type PbsdshLauncherOptions } from './pbsdsh-launcher.js';
export { TorqueProvider, type TorqueProviderOptions } from './torque-provider.js';
