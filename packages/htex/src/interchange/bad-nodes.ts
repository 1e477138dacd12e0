import { decodeError, resultField, ResultStatus, type PackedRecord } from '@parsl-ts/wire';

import type { BadPool } from '../link/link-protocol.js';
import { FailureWatch, type BadNodeRules } from './failure-watch.js';
import type { Manager } from './manager.js';

/** Longer errors lose their end. In UTF-16 units. */
const MAX_ERROR = 500;
/** A larger one is not read here. In bytes. */
const MAX_ERROR_BYTES = 64 * 1024;

/** Finds managers on which tasks fail far more often than elsewhere, by the result records that come. */
export class BadNodes {
  private readonly watch: FailureWatch;

  constructor(rules: BadNodeRules) {
    this.watch = new FailureWatch(rules);
  }

  joined(manager: Manager): void {
    manager.outcomes = this.watch.joined();
  }

  left({ outcomes }: Manager): void {
    if (outcomes !== undefined) this.watch.left(outcomes);
  }

  /** One of its tasks was reported as running. */
  started({ outcomes, lastHeard }: Manager, record: PackedRecord): void {
    if (outcomes === undefined) return;
    const submission = resultField.submission(record);
    this.watch.started(outcomes, resultField.functionIndex(record), submission, lastHeard);
  }

  /** One of its tasks has ended. Tells whether that is a reason to {@link judge} it. */
  ended({ outcomes }: Manager, record: PackedRecord, wasCancelled: boolean): boolean {
    if (outcomes === undefined) return false;
    const submission = resultField.submission(record);
    const functionIndex = resultField.functionIndex(record);
    if (resultField.status(record) === ResultStatus.succeeded) {
      this.watch.succeeded(outcomes, functionIndex, submission);
      return false;
    }
    if (wasCancelled) {
      this.watch.ended(outcomes, submission);
      return false;
    }
    this.watch.failed(outcomes, functionIndex, submission, resultField.runtimeUs(record));
    return true;
  }

  /** One of its tasks has not ended, and is not there any more. */
  lost({ outcomes }: Manager, submission: number): void {
    if (outcomes !== undefined) this.watch.ended(outcomes, submission);
  }

  /**
   * Whether the manager is bad, and why. One that gets no tasks anyway is not judged, and neither is the last that does.
   *
   * @param record what it failed with last
   */
  judge(manager: Manager, record: PackedRecord, managers: Iterable<Manager>): BadPool | undefined {
    const { id, outcomes, lastHeard, registration } = manager;
    if (outcomes === undefined || !manager.isOpen) return undefined;
    const evidence = this.watch.judge(outcomes, lastHeard, () => anotherIsOpen(manager, managers));
    if (evidence === undefined) return undefined;
    const { host, blockId } = registration;
    return { id, host, blockId, ...evidence, lastError: describeError(record) };
  }

  tick(now: number): void {
    this.watch.tick(now);
  }
}

function anotherIsOpen(manager: Manager, managers: Iterable<Manager>): boolean {
  for (const each of managers) if (each !== manager && each.isOpen) return true;
  return false;
}

function describeError(record: PackedRecord): string | undefined {
  try {
    const { codec, bytes } = resultField.payload(record);
    if (bytes.length > MAX_ERROR_BYTES) return undefined;
    const { name, message } = decodeError(codec, bytes);
    return `${name}: ${message}`.slice(0, MAX_ERROR);
  } catch {
    // It is the executor that tells whoever waits for this task.
    return undefined;
  }
}
