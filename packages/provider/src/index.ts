export { checkOptions, type CheckedOptions, type OptionSchema, type SchemaOf } from './check-options.js';
export { ConfigurationError, type ConfigurationErrorOptions } from './configuration-error.js';
export {
  TERMINAL_JOB_STATES,
  type BlockLimits,
  type BlockRequest,
  type CancelOutcome,
  type ExecutionProvider,
  type JobId,
  type JobState,
  type JobStatus,
  type NodeResources,
} from './contract.js';
export {
  boolean,
  callable,
  either,
  integer,
  list,
  number,
  oneOf,
  port,
  string,
  value,
  walltime,
  type NumberRule,
  type Option,
  type OptionReading,
  type Presence,
  type Present,
} from './option-kinds.js';
