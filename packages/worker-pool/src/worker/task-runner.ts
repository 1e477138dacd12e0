import { performance } from 'node:perf_hooks';

import {
  captureOutput,
  encodeError,
  encodeValue,
  FromWorker,
  LIMITS,
  ResultStatus,
  SerializationError,
  taskField,
  writeResult,
  type AbortTask,
  type EncodedValue,
  type PackedRecord,
} from '@parsl-ts/wire';

import { hostNow } from '../host-clock.js';
import { type JournalWriter } from '../result-journal.js';
import { type FunctionTable, type WorkerFunction } from './function-table.js';
import { TaskRun } from './task-context.js';

/** Where the runner's frames go. */
type Send = (type: number, body: Buffer) => void;

interface Waiting {
  readonly record: PackedRecord;
  readonly leaseUntil: number;
}

/** Answers that wait for others to be sent with them: at most so many, and at most so long, in ms. */
const MAX_WAITING = 128;
const MAX_WAIT_MS = 1;

/**
 * Runs tasks one after the other. The answer of each is safe, with the manager or in the journal, before the next is
 * started.
 */
export class TaskRunner {
  /** `{manager}/{rank}`, once known. */
  worker = '';
  private readonly send: Send;
  private readonly functions: FunctionTable;
  private readonly journal: JournalWriter;
  private readonly home = process.cwd();
  private waiting: Waiting[] = [];
  /** Position of the next task in `waiting`. */
  private next = 0;
  /** A task is running, or an answer has not left yet. */
  private busy = false;
  private current: TaskRun | undefined;
  /** Since when the oldest of the waiting answers has waited. */
  private waitingSince = 0;

  constructor(send: Send, functions: FunctionTable, journal: JournalWriter) {
    this.send = send;
    this.journal = journal;
    this.functions = functions;
  }

  /** Whether a task has been started and not answered. */
  get isRunning(): boolean {
    return this.current !== undefined;
  }

  /** Takes tasks that may be started until `leaseUntil`. */
  add(records: readonly PackedRecord[], leaseUntil: number): void {
    for (const record of records) this.waiting.push({ record, leaseUntil });
    this.proceed();
  }

  abort(order: AbortTask): void {
    if (this.current?.submission === order.submission) this.current.abort(order);
  }

  /** Sends the answers that wait. */
  flush(): void {
    if (this.journal.count > 0) this.send(FromWorker.results, this.journal.take());
  }

  /** Answers the running task, if there is one, with an error that reached nobody. Nothing is started any more. */
  failRunning(error: unknown): void {
    const run = this.current;
    this.busy = true;
    if (run !== undefined) this.finish(run, ResultStatus.failed, 0, encodeError(error));
    this.flush();
  }

  /** Runs what waits. Functions that return no promise take no turn of the event loop. */
  private proceed(): void {
    while (!this.busy) {
      const task = this.waiting[this.next];
      this.makeSafe(task);
      if (task === undefined) {
        this.waiting = [];
        this.next = 0;
        return;
      }
      this.next++;
      // The order matters: the last answer is safe, then comes the clock, then the start.
      if (task.leaseUntil !== Infinity && hostNow() >= task.leaseUntil) this.drop(task.leaseUntil);
      else {
        const running = this.run(task);
        if (running !== undefined) this.waitFor(running);
      }
    }
  }

  /** Goes on when the function has ended; what was answered before does not wait for it. */
  private waitFor(running: Promise<void>): void {
    this.busy = true;
    this.flush();
    running
      .then(() => {
        this.busy = false;
        this.proceed();
      })
      // The task was not answered, and never would be: an exception that nothing catches ends this process.
      .catch((error: unknown) => {
        queueMicrotask(() => {
          throw error;
        });
      });
  }

  /** Sees to it that every answer is with the manager or in the journal before `next` is started. */
  private makeSafe(next: Waiting | undefined): void {
    if (this.journal.count === 0) return;
    const isToBeSent =
      next === undefined ||
      // It may run for long.
      next.leaseUntil === Infinity ||
      this.journal.count >= MAX_WAITING ||
      performance.now() - this.waitingSince > MAX_WAIT_MS;
    if (isToBeSent || !this.journal.write()) this.flush();
  }

  /** Says that tasks of this lease and of earlier ones will not be started. */
  private drop(leaseUntil: number): void {
    this.waiting = this.waiting.slice(this.next).filter((task) => task.leaseUntil > leaseUntil);
    this.next = 0;
    const body = Buffer.allocUnsafe(8);
    body.writeDoubleLE(leaseUntil, 0);
    // In this order: what was answered must not be taken for dropped.
    this.flush();
    this.send(FromWorker.dropped, body);
  }

  /** Starts a task. Returns a promise of its end unless it has ended already. */
  private run({ record, leaseUntil }: Waiting): Promise<void> | undefined {
    const run = new TaskRun(
      taskField.submission(record),
      taskField.functionIndex(record),
      taskField.timeoutMs(record),
    );
    // Of any other the manager knows that it is begun with when the one before it is answered.
    if (leaseUntil === Infinity) this.journal.begin(run.submission);
    this.current = run;
    let startedAt = performance.now();
    try {
      // Node keeps the current directory, so this costs nothing unless an earlier task changed it.
      if (process.cwd() !== this.home) process.chdir(this.home);
      const fn = this.functions.get(taskField.functionIndex(record));
      if (fn.call === undefined || taskField.hasOptions(record)) return this.runSlowly(run, record, fn);
      const args = this.argumentsOf(run, record, fn);
      startedAt = performance.now();
      const value = fn.call(...args);
      if (isThenable(value)) return this.settle(run, value, startedAt);
      this.succeed(run, value, performance.now() - startedAt);
    } catch (error) {
      this.fail(run, error, performance.now() - startedAt);
    }
    return undefined;
  }

  /** A function that has to be loaded first, or whose output goes to files. */
  private async runSlowly(run: TaskRun, record: PackedRecord, fn: WorkerFunction): Promise<void> {
    let release: () => void = () => undefined;
    let startedAt = performance.now();
    try {
      if (taskField.hasOptions(record)) release = captureOutput(taskField.options(record));
      const call = fn.call ?? (await fn.load());
      const args = this.argumentsOf(run, record, fn);
      startedAt = performance.now();
      const value: unknown = await call(...args);
      release();
      this.succeed(run, value, performance.now() - startedAt);
    } catch (error) {
      release();
      this.fail(run, error, performance.now() - startedAt);
    }
  }

  private async settle(run: TaskRun, pending: PromiseLike<unknown>, startedAt: number): Promise<void> {
    try {
      this.succeed(run, await pending, performance.now() - startedAt);
    } catch (error) {
      this.fail(run, error, performance.now() - startedAt);
    }
  }

  private argumentsOf(run: TaskRun, record: PackedRecord, fn: WorkerFunction): unknown[] {
    const decoded = taskField.decodedArgs(record);
    const args: unknown[] = Array.isArray(decoded) ? decoded : [decoded];
    if (fn.contextIndex < 0 || args.length > fn.contextIndex) return args;
    while (args.length < fn.contextIndex) args.push(undefined);
    args.push(
      run.context({
        taskId: taskField.taskId(record),
        attempt: taskField.attempt(record),
        worker: this.worker,
      }),
    );
    return args;
  }

  private succeed(run: TaskRun, value: unknown, ranMs: number): void {
    let payload: EncodedValue;
    try {
      payload = encodeValue(value, 'the result');
      if (payload.bytes.length > LIMITS.payloadBytes) throw tooLarge(payload.bytes.length);
    } catch (error) {
      return this.fail(run, error, ranMs);
    }
    this.finish(run, ResultStatus.succeeded, ranMs, payload);
  }

  private fail(run: TaskRun, error: unknown, ranMs: number): void {
    this.finish(run, ResultStatus.failed, ranMs, encodeError(error));
  }

  private finish(run: TaskRun, status: ResultStatus, ranMs: number, payload: EncodedValue): void {
    // It was answered already when something it had left behind threw.
    if (this.current !== run) return;
    // In this order: if this cannot be answered, the task counts as running when the process ends for it.
    this.answer(run, status, ranMs, payload);
    this.current = undefined;
  }

  private answer(run: TaskRun, status: ResultStatus, ranMs: number, payload: EncodedValue): void {
    const { submission, functionIndex } = run;
    const record = writeResult(submission, status, 1000 * ranMs, payload, false, functionIndex);
    const { source, start, end } = record;
    if (this.journal.count === 0) this.waitingSince = performance.now();
    if (this.journal.add(source, start, end)) return;
    // It is too large to wait with others.
    this.flush();
    this.send(FromWorker.results, source.subarray(start, end));
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof Reflect.get(value, 'then') === 'function'
  );
}

function tooLarge(bytes: number): SerializationError {
  return new SerializationError(
    'the result',
    `the result takes ${String(bytes)} bytes, and ${String(LIMITS.payloadBytes)} can travel; write it to a file and return its path`,
  );
}
