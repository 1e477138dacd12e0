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
