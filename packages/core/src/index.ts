export { FunctionNotShippableError } from '@parsl-ts/bundler';
export { ConfigurationError } from '@parsl-ts/provider';
export {
  AppTimeoutError,
  DeserializationError,
  ManagerLost,
  WalltimeTooShortError,
  OutputFileError,
  ParslError,
  SerializationError,
  ThrownValueError,
  WorkerLost,
} from '@parsl-ts/wire';
export { app, appFrom, joinApp } from './apps/app.js';
export type {
  AppFromOptions,
  AppOptions,
  CallOptions,
  JoinAppOptions,
  JoinCallOptions,
} from './apps/app-options.js';
export type {
  AnyFunction,
  App,
  AppArgument,
  AppArguments,
  CallParameters,
  JoinApp,
  Joined,
  JoinFunction,
  JoinResult,
} from './apps/app-types.js';
export {
  mapAndSetDependencies,
  type DependencyResolver,
  type VisitDependency,
} from './dependencies/dependency-resolver.js';
export {
  DependencyError,
  ExecutorFailedError,
  JoinBodyError,
  JoinError,
  KernelClosedError,
  NoDataFlowKernelError,
  RepeatedWorkerLossError,
  ResultPropertyError,
  RetryCostError,
  TaskCancelledError,
  TooManyTasksError,
  UnsupportedOptionError,
  type FailedDependency,
  type TaskReference,
} from './errors.js';
export type {
  BlockActivity,
  BlockErrorHandler,
  BlockReport,
  BlockScaling,
  EndedBlock,
  Executor,
  ExecutorContext,
  ExecutorTask,
  Logger,
  TaskFunction,
  TaskPlace,
} from './executor.js';
export { InlineExecutor, type InlineExecutorOptions } from './executors/inline-executor.js';
export { ThreadPoolExecutor, type ThreadPoolExecutorOptions } from './executors/thread-pool-executor.js';
export { AppFuture } from './futures/app-future.js';
export type { RetryHandler } from './graph/retry-policy.js';
export type { TaskSettings, TaskView } from './graph/task.js';
export type { TaskCounts } from './graph/task-graph.js';
export { FINAL_TASK_STATES, type TaskState } from './graph/task-state.js';
export { DataFlowKernel } from './kernel/data-flow-kernel.js';
export { defaultKernel, load, waitForCurrentTasks } from './kernel/default-kernel.js';
export type { KernelConfig, LogLevel } from './kernel/kernel-config.js';
export type { RoomLimits } from './kernel/room.js';
export type { TaskEvent, TaskListener } from './kernel/task-event.js';
export {
  BlockFailedError,
  noopErrorHandler,
  simpleErrorHandler,
  TooManyJobFailuresError,
  windowedErrorHandler,
  type FailedBlock,
  type ScalingStrategy,
} from './scaling/index.js';
export type { TaskContext } from './task-context.js';
