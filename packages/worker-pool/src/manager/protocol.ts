import { type AbortTask, type PackedRecord, type ProcessEnd } from '@parsl-ts/wire';

import { type FunctionRecord } from './function-record.js';

/** What happens to a manager. */
export type ManagerEvent =
  /** Task records came from the interchange. */
  | { readonly type: 'tasks'; readonly records: readonly PackedRecord[] }
  /** A function came; with an error if it could not be stored. */
  | { readonly type: 'function'; readonly index: number; readonly error?: Error }
  | { readonly type: 'cancel'; readonly submissions: readonly number[]; readonly reason: string }
  /** The interchange wants tasks back that have not started. */
  | { readonly type: 'recall'; readonly tasks: number }
  /** A worker process has started. */
  | { readonly type: 'ready'; readonly rank: number }
  | { readonly type: 'results'; readonly rank: number; readonly records: readonly PackedRecord[] }
  /** A worker will not start what it has not answered of this lease and of earlier ones. */
  | { readonly type: 'dropped'; readonly rank: number; readonly leaseUntil: number }
  /** A worker ends by itself; what it has not answered it has not started. */
  | { readonly type: 'leaving'; readonly rank: number }
  /** A worker process has ended, and everything that it had written has been read. */
  | {
      readonly type: 'exited';
      readonly rank: number;
      /** The submission that it had to start and has begun with last; `NaN` if there was none. */
      readonly begun: number;
      readonly end: ProcessEnd;
      /** What probably ended it, for the message; may be empty. */
      readonly hint: string;
    }
  /** The time asked for has come, and everything that workers had written by `readAt` (host's clock, ms) has been read. */
  | { readonly type: 'wake'; readonly readAt: number }
  /** Take no more tasks, and finish when none is left. */
  | { readonly type: 'drain' }
  /** The pool is told to end: hand back what has not started, give up what has. */
  | { readonly type: 'stop'; readonly why: string };

/** What a manager has to do, in this order. */
export type Instruction =
  | { readonly type: 'announce'; readonly rank: number; readonly fn: FunctionRecord }
  | {
      readonly type: 'run';
      readonly rank: number;
      readonly records: readonly PackedRecord[];
      /** Until when they may be started, in ms of the host's clock; may be infinite. */
      readonly leaseUntil: number;
    }
  | { readonly type: 'abort'; readonly rank: number; readonly abort: AbortTask }
  | { readonly type: 'kill'; readonly rank: number }
  /** Start a worker process in this place. */
  | { readonly type: 'start'; readonly rank: number; readonly afterMs: number }
  /** Result records for the executor, and the task id of each. */
  | {
      readonly type: 'report';
      readonly records: readonly PackedRecord[];
      readonly taskIds: readonly number[];
    }
  /** The executor is to hear that a task runs. */
  | { readonly type: 'tell'; readonly record: PackedRecord }
  /** Task records for the interchange, to be run elsewhere; may be none. */
  | { readonly type: 'return'; readonly records: readonly PackedRecord[] }
  | { readonly type: 'capacity'; readonly capacity: number }
  /** It was told to drain, and holds nothing any more. */
  | { readonly type: 'drained' }
  /** Workers die before they are ready, again and again. */
  | { readonly type: 'hopeless'; readonly end: ProcessEnd; readonly hint: string };
