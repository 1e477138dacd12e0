export { SlurmBed } from './slurm-bed.js';
export type { SlurmBedOptions } from './bed-options.js';
export { slurmMissing, slurmRequired } from './slurm-missing.js';
export type { Daemon } from './daemon.js';
export { copyPackage } from './standalone-package.js';
