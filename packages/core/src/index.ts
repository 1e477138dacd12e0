export type {
  BlockActivity,
  BlockErrorHandler,
  BlockReport,
  BlockScaling,
  Executor,
  ExecutorContext,
  ExecutorTask,
  Logger,
  TaskFunction,
  TaskPlace,
} from './executor.js';
