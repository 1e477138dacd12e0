export { noopErrorHandler, simpleErrorHandler, windowedErrorHandler } from './block-error-handlers.js';
export { BlockFailedError, type FailedBlock } from './block-failed-error.js';
export { BlockScaler, type BlockScalerOptions } from './block-scaler.js';
export type { ScalingStrategy } from './strategy.js';
export { TooManyJobFailuresError } from './too-many-job-failures-error.js';
