export { GridEngineBed, type GridEngineBedOptions } from './gridengine-bed.js';
export { gridEngineMissing } from './gridengine-missing.js';
