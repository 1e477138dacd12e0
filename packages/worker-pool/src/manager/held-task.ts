import { taskField, type PackedRecord } from '@parsl-ts/wire';

import { type FunctionRecord } from './function-record.js';

/** A task between its arrival at the manager and its answer. */
export interface HeldTask {
  readonly record: PackedRecord;
  readonly submission: number;
  readonly fn: FunctionRecord;
  /** Smaller runs sooner. */
  readonly priority: number;
  /** In ms; 0 for none. */
  readonly timeoutMs: number;
  /** Runs in a worker that holds nothing else: it may be stopped, or its output is captured. */
  readonly solo: boolean;
  /** Until when its worker may start it, in ms of the host's clock; infinite if the worker must. */
  leaseUntil: number;
  /** Whether the executor was told that it runs. */
  told: boolean;
  /** How often a worker ended that had to start it and had not begun with it. */
  spared: number;
  /** Why it was cancelled, if it was. */
  cancelled: string | undefined;
}

export function heldTask(record: PackedRecord, fn: FunctionRecord): HeldTask {
  const timeoutMs = taskField.timeoutMs(record);
  return {
    record,
    submission: taskField.submission(record),
    fn,
    priority: taskField.priority(record),
    timeoutMs,
    solo: timeoutMs > 0 || taskField.hasOptions(record),
    leaseUntil: Infinity,
    told: false,
    spared: 0,
    cancelled: undefined,
  };
}
