import { performance } from 'node:perf_hooks';

import {
  decodeValue,
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
import { type FunctionTable, type WorkerFunction } from './function-table.js';
import { captureOutput } from './output-capture.js';
import { TaskRun } from './task-context.js';

/** Where the runner's frames go: see `ManagerLink.send`. */
type Send = (type: number, body: Buffer) => Promise<void> | undefined;

interface Waiting {
  readonly record: PackedRecord;
  readonly leaseUntil: number;
}

/** Runs tasks one after the other and answers each before it starts the next. */
export class TaskRunner {
  /** `{manager}/{rank}`, once known. */
  worker = '';
  private readonly send: Send;
  private readonly functions: FunctionTable;
  private readonly home = process.cwd();
  private waiting: Waiting[] = [];
  /** Position of the next task in `waiting`. */
  private next = 0;
  /** A task is running, or an answer has not left yet. */
  private busy = false;
  private current: TaskRun | undefined;

  constructor(send: Send, functions: FunctionTable) {
    this.send = send;
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

  /** Answers the running task with an error that reached nobody, as the last thing that this worker does. */
  failRunning(error: unknown): Promise<void> | undefined {
    const run = this.current;
    if (run === undefined) return undefined;
    this.current = undefined;
    this.busy = true;
    return this.answer(run.submission, ResultStatus.failed, 0, encodeError(error));
  }

  /** Runs what waits. Functions that return no promise take no turn of the event loop. */
  private proceed(): void {
    while (!this.busy) {
      const task = this.waiting[this.next];
      if (task === undefined) {
        this.waiting = [];
        this.next = 0;
        return;
      }
      this.next++;
      // The order matters: the last answer is out, then comes the clock, then the start.
      const pending =
        task.leaseUntil === Infinity || hostNow() < task.leaseUntil
          ? this.run(task.record)
          : this.drop(task.leaseUntil);
      if (pending === undefined) continue;
      this.busy = true;
      void pending.then(() => {
        this.busy = false;
        this.proceed();
      });
    }
  }

  /** Says that the tasks whose lease is over will not be started: the one before `next`, and those after it. */
  private drop(leaseUntil: number): Promise<void> | undefined {
    this.waiting = this.waiting.slice(this.next).filter((task) => task.leaseUntil > leaseUntil);
    this.next = 0;
    const body = Buffer.allocUnsafe(8);
    body.writeDoubleLE(leaseUntil, 0);
    return this.send(FromWorker.dropped, body);
  }

  private run(record: PackedRecord): Promise<void> | undefined {
    const run = new TaskRun(taskField.submission(record), taskField.timeoutMs(record));
    this.current = run;
    try {
      // Node keeps the current directory, so this costs nothing unless an earlier task changed it.
      if (process.cwd() !== this.home) process.chdir(this.home);
      const fn = this.functions.get(taskField.functionIndex(record));
      if (fn.call === undefined || taskField.hasOptions(record)) return this.runSlowly(run, record, fn);
      const { codec, bytes } = taskField.args(record);
      const startedAt = performance.now();
      const value = fn.call(...this.argumentsOf(run, record, fn, decodeValue(codec, bytes)));
      return isThenable(value)
        ? this.settle(run, value, startedAt)
        : this.succeed(run, value, performance.now() - startedAt);
    } catch (error) {
      return this.fail(run, error, 0);
    }
  }

  /** A function that has to be loaded first, or whose output goes to files. */
  private async runSlowly(run: TaskRun, record: PackedRecord, fn: WorkerFunction): Promise<void> {
    let release: (() => void) | undefined;
    let startedAt = performance.now();
    let outcome: Promise<void> | undefined;
    try {
      release = taskField.hasOptions(record) ? captureOutput(taskField.options(record)) : undefined;
      const call = fn.call ?? (await fn.load());
      const { codec, bytes } = taskField.args(record);
      const args = this.argumentsOf(run, record, fn, decodeValue(codec, bytes));
      startedAt = performance.now();
      const value: unknown = await call(...args);
      release?.();
      outcome = this.succeed(run, value, performance.now() - startedAt);
    } catch (error) {
      release?.();
      outcome = this.fail(run, error, performance.now() - startedAt);
    }
    await outcome;
  }

  private async settle(run: TaskRun, pending: PromiseLike<unknown>, startedAt: number): Promise<void> {
    let outcome: Promise<void> | undefined;
    try {
      const value = await pending;
      outcome = this.succeed(run, value, performance.now() - startedAt);
    } catch (error) {
      outcome = this.fail(run, error, performance.now() - startedAt);
    }
    if (outcome !== undefined) await outcome;
  }

  private argumentsOf(run: TaskRun, record: PackedRecord, fn: WorkerFunction, decoded: unknown): unknown[] {
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

  private succeed(run: TaskRun, value: unknown, ranMs: number): Promise<void> | undefined {
    let payload: EncodedValue;
    try {
      payload = encodeValue(value, 'the result');
      if (payload.bytes.length > LIMITS.payloadBytes) throw tooLarge(payload.bytes.length);
    } catch (error) {
      return this.fail(run, error, ranMs);
    }
    return this.finish(run, ResultStatus.succeeded, ranMs, payload);
  }

  private fail(run: TaskRun, error: unknown, ranMs: number): Promise<void> | undefined {
    return this.finish(run, ResultStatus.failed, ranMs, encodeError(error));
  }

  private finish(
    run: TaskRun,
    status: ResultStatus,
    ranMs: number,
    payload: EncodedValue,
  ): Promise<void> | undefined {
    // It was answered already when something it had left behind threw.
    if (this.current !== run) return undefined;
    this.current = undefined;
    return this.answer(run.submission, status, ranMs, payload);
  }

  private answer(
    submission: number,
    status: ResultStatus,
    ranMs: number,
    payload: EncodedValue,
  ): Promise<void> | undefined {
    const record = writeResult(submission, status, 1000 * ranMs, payload, false);
    return this.send(FromWorker.results, record.source.subarray(record.start, record.end));
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
