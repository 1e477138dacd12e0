import {
  forEachRecord,
  isCancellation,
  isDelivered,
  isQuestion,
  isRegistered,
  isTaskCount,
  MessageType,
  PREAMBLE_BYTES,
  PROTOCOL_VERSION,
  readCode,
  readControl,
  readPreamble,
  readRefusal,
  TASK_HEAD_BYTES,
  taskField,
  type Delivered,
  type PackedRecord,
} from '@parsl-ts/wire';

import { type ManagerEvent } from '../manager/protocol.js';
import { within } from './find-interchange.js';
import { type FunctionStore } from './function-store.js';
import { PoolExit, WorkerPoolError } from '../pool-error.js';
import { type PoolLog } from './pool-log.js';

/** Bad messages that are written to the log; the others are only counted. */
const LOGGED_PROBLEMS = 20;

/** Reads what the interchange says and turns it into events for the manager. */
export class InterchangeMessages {
  private readonly parts: {
    readonly functions: FunctionStore;
    readonly log: PoolLog;
    heard(): void;
    emit(event: ManagerEvent): void;
    /** Results are with the submit process. */
    delivered(what: Delivered): void;
    /** The interchange asks what the pool has; `asked` is the number of the question. */
    registerAnew(asked: number): void;
    welcomed(runId: string): void;
    ended(end: { exitCode: number; reason: string }): void;
  };
  private problems = 0;
  /** Functions that could not be stored: what was in the way, such as a full disk, may pass. */
  private readonly unstored = new Map<number, ReturnType<typeof readCode>>();
  private welcome: () => void = () => undefined;
  private reject: (error: Error) => void = () => undefined;
  private readonly registration: Promise<void>;
  private isRegistered = false;

  constructor(parts: InterchangeMessages['parts']) {
    this.parts = parts;
    this.registration = new Promise((resolve, reject) => {
      this.welcome = resolve;
      this.reject = reject;
    });
    this.registration.catch(() => undefined);
  }

  /**
   * Waits until the interchange has welcomed the pool.
   *
   * @throws WorkerPoolError when it refuses, or says nothing in time.
   */
  async registered(timeoutMs: number): Promise<void> {
    const silent = () =>
      new WorkerPoolError(
        'PARSL_POOL_UNREACHABLE',
        `the interchange did not answer to the registration within ${String(timeoutMs / 1000)} s`,
        PoolExit.unreachable,
      );
    await within(timeoutMs, this.registration, silent);
  }

  take(frames: Buffer[]): void {
    try {
      this.read(frames);
    } catch (error) {
      if (++this.problems > LOGGED_PROBLEMS) return;
      this.parts.log.warn('dropped a message of the interchange', {
        error: String(error),
        count: this.problems,
      });
    }
  }

  private read(frames: Buffer[]): void {
    const [head] = frames;
    if (head === undefined) return;
    const { version, type } = readPreamble(head);
    this.parts.heard();
    // Its form is the same in every version.
    if (type === MessageType.refused) return this.refused(readRefusal(frames));
    if (version !== PROTOCOL_VERSION) {
      return this.refused(
        `it speaks version ${String(version)} of the protocol, and this pool ${String(PROTOCOL_VERSION)}`,
      );
    }
    switch (type) {
      case MessageType.tasks: {
        const records: PackedRecord[] = [];
        forEachRecord(head, PREAMBLE_BYTES, TASK_HEAD_BYTES, frames.slice(1), (record) =>
          records.push(record),
        );
        this.storeAgain(records);
        return this.parts.emit({ type: 'tasks', records });
      }
      case MessageType.code:
        return this.code(frames);
      case MessageType.cancel:
        return this.parts.emit({ type: 'cancel', ...readControl(head, isCancellation) });
      case MessageType.recall:
        return this.parts.emit({ type: 'recall', tasks: readControl(head, isTaskCount).tasks });
      case MessageType.registered:
        this.isRegistered = true;
        this.parts.log.info('registered');
        this.parts.welcomed(readControl(head, isRegistered).runId);
        return this.welcome();
      case MessageType.delivered:
        return this.parts.delivered(readControl(head, isDelivered));
      case MessageType.unknown:
        return this.parts.registerAnew(readControl(head, isQuestion).asked);
      case MessageType.shutdown:
        return this.parts.ended({ exitCode: PoolExit.done, reason: 'the interchange told it to end' });
    }
  }

  private code(frames: readonly Buffer[]): void {
    const code = readCode(frames);
    this.parts.functions.check(code.announcement, code.source);
    this.store(code);
  }

  private store(code: ReturnType<typeof readCode>): void {
    const { announcement, source } = code;
    const { index } = announcement;
    try {
      this.parts.functions.add(announcement, source);
      this.unstored.delete(index);
      this.parts.emit({ type: 'function', index });
    } catch (error) {
      this.parts.log.warn('a function could not be stored', { error: String(error) });
      this.unstored.set(index, code);
      const problem = error instanceof Error ? error : new Error(String(error));
      this.parts.emit({ type: 'function', index, error: problem });
    }
  }

  /** Tries once more with the functions of these tasks. */
  private storeAgain(records: readonly PackedRecord[]): void {
    if (this.unstored.size === 0) return;
    for (const index of new Set(records.map((record) => taskField.functionIndex(record)))) {
      const code = this.unstored.get(index);
      if (code !== undefined) this.store(code);
    }
  }

  private refused(reason: string): void {
    const error = new WorkerPoolError(
      'PARSL_POOL_REFUSED',
      `the interchange refused this pool: ${reason}`,
      PoolExit.failed,
    );
    if (this.isRegistered) this.parts.ended({ exitCode: PoolExit.failed, reason: error.message });
    else this.reject(error);
  }
}
