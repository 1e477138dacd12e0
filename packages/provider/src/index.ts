export { BLOCK_OPTIONS, blockLimits, type BlockOptions, type CheckedBlockOptions } from './block-options.js';
export { checkOptions, type CheckedOptions, type OptionSchema, type SchemaOf } from './check-options.js';
export {
  clusterOptions,
  clusterSetup,
  nodeResources,
  type CheckedClusterOptions,
  type ClusterDefaults,
  type ClusterOptions,
  type ClusterParts,
  type ClusterSchema,
} from './cluster-options.js';
export { CommandLineProvider, type CommandLineProviderSetup } from './command-line-provider.js';
export { ConfigurationError, type ConfigurationErrorOptions } from './configuration-error.js';
export {
  BLOCK_END_VARIABLE,
  SECRET_VARIABLE,
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
  directives,
  either,
  integer,
  list,
  number,
  oneOf,
  port,
  string,
  value,
  walltime,
  word,
  type DirectiveRule,
  type NumberRule,
  type Option,
  type OptionReading,
  type Presence,
  type Present,
} from './option-kinds.js';
export { scriptEnd, signalName } from './exit-status.js';
export { jobScript, type JobScript } from './job-script.js';
export { isLauncher, type Launcher, type LaunchRequest } from './launcher.js';
export { AprunLauncher, type AprunLauncherOptions } from './launchers/aprun-launcher.js';
export { CARRIED_DECLARATIONS, CARRIED_NAMES } from './launchers/carried-environment.js';
export { GnuParallelLauncher } from './launchers/gnu-parallel-launcher.js';
export { JsrunLauncher, type JsrunLauncherOptions } from './launchers/jsrun-launcher.js';
export { MpiExecLauncher, type MpiExecLauncherOptions } from './launchers/mpi-exec-launcher.js';
export { MpiRunLauncher, type MpiRunLauncherOptions } from './launchers/mpi-run-launcher.js';
export { SimpleLauncher } from './launchers/simple-launcher.js';
export { SingleNodeLauncher, type SingleNodeLauncherOptions } from './launchers/single-node-launcher.js';
export { SrunLauncher, type SrunLauncherOptions } from './launchers/srun-launcher.js';
export { SrunMpiLauncher, type SrunMpiLauncherOptions } from './launchers/srun-mpi-launcher.js';
export { WrappedLauncher, type WrappedLauncherOptions } from './launchers/wrapped-launcher.js';
export type { ProgramLauncherOptions } from './launchers/launcher-options.js';
export { outputTail, type Patience } from './output-tail.js';
export { endGroupsNow, ProcessGroup } from './process-group.js';
export { runCommand, type CommandResult, type RunCommandOptions } from './run-command.js';
export type { JobFiles, SchedulerAnswer, SchedulerDialect, SchedulerQuestion } from './scheduler-dialect.js';
export { SchedulerError, SubmitError, type SchedulerErrorOptions } from './scheduler-errors.js';
export { isPlainCommand, shellCommand, shellQuote } from './shell-quote.js';
export { argumentsOf, literalWords } from './shell-words.js';
export { walltimeMs } from './walltime-ms.js';
