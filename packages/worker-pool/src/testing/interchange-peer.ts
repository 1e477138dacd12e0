import {
  codeMessage,
  controlMessage,
  decodeError,
  decodeValue,
  encodeValue,
  forEachRecord,
  joinRecords,
  MessageType,
  preamble,
  PREAMBLE_BYTES,
  readControl,
  readPreamble,
  readRegister,
  isRegistration,
  isTaskCount,
  RESULT_HEAD_BYTES,
  resultField,
  ResultStatus,
  TASK_HEAD_BYTES,
  taskField,
  writeTask,
  type PackedRecord,
  type Registration,
  type TaskOptions,
} from '@parsl-ts/wire';
import { Router, type SocketOptions } from 'zeromq';
import { createHash } from 'node:crypto';

import { onGivenUpPort } from './given-up-port.js';

/** The last word on a submission. */
export type Outcome = { readonly value: unknown } | { readonly error: Error };

/** One task to be sent. */
export interface PeerTask {
  readonly functionIndex?: number;
  readonly args?: readonly unknown[];
  readonly timeoutMs?: number;
  readonly priority?: number;
  readonly options?: TaskOptions;
  readonly taskId?: number;
  readonly attempt?: number;
}

/**
 * The other end of a worker pool's connection, for tests: it speaks the interchange's side of the protocol with one pool
 * and decides nothing by itself.
 */
export class InterchangePeer {
  readonly router: Router;
  /** Capacities that the pool has told, the one of its registration first. */
  readonly capacities: number[] = [];
  /** Submissions that the pool has handed back. */
  readonly returned: number[] = [];
  /** Submissions reported as started, in that order. */
  readonly started: number[] = [];
  /** Control messages that came. */
  readonly received: MessageType[] = [];
  welcome = true;
  /** Whether it says by itself that it has got results. */
  acknowledges = true;
  private results = 0;
  /** The submission of the last result. */
  private last = 0;
  private identity: Buffer | undefined;
  private nextSubmission = 1;
  private nextFunction = 0;
  private readonly outcomes = new Map<
    number,
    { resolve(outcome: Outcome): void; promise: Promise<Outcome> }
  >();
  private readonly waiters: { type: number; resolve(frames: Buffer[]): void }[] = [];

  private constructor(router: Router) {
    this.router = router;
  }

  static async listen(
    options: SocketOptions<Router> = {},
    address = 'tcp://127.0.0.1:0',
  ): Promise<InterchangePeer> {
    const router = new Router({ linger: 0, sendHighWaterMark: 0, receiveHighWaterMark: 0, ...options });
    await onGivenUpPort(() => router.bind(address));
    const peer = new InterchangePeer(router);
    void peer.receive();
    return peer;
  }

  get address(): string {
    return this.router.lastEndpoint ?? '';
  }

  /** Resolves with the next message of this type. */
  async next(type: MessageType): Promise<Buffer[]> {
    return new Promise((resolve) => this.waiters.push({ type, resolve }));
  }

  async registration(): Promise<Registration> {
    const [head] = await this.next(MessageType.register);
    return readControl(head!, isRegistration);
  }

  async send(...frames: Buffer[]): Promise<void> {
    await this.router.send([this.identity!, ...frames]);
  }

  /** Sends a function; resolves with its index. */
  async define(source: string, contextIndex = -1): Promise<number> {
    const code = Buffer.from(source);
    const index = this.nextFunction++;
    const id = createHash('sha256').update(code).digest('hex');
    await this.send(...codeMessage({ index, id, name: `function${index}`, contextIndex }, code));
    return index;
  }

  /** Sends tasks in one message. */
  async submit(tasks: readonly PeerTask[]): Promise<number[]> {
    const submissions: number[] = [];
    const records: PackedRecord[] = [];
    for (const task of tasks) {
      const submission = this.nextSubmission++;
      submissions.push(submission);
      this.outcomes.set(submission, deferred());
      records.push(
        writeTask({
          submission,
          taskId: task.taskId ?? submission,
          attempt: task.attempt ?? 0,
          functionIndex: task.functionIndex ?? 0,
          timeoutMs: task.timeoutMs ?? 0,
          priority: task.priority ?? Infinity,
          options: task.options,
          args: encodeValue(task.args ?? [], 'args'),
        }),
      );
    }
    await this.send(...joinRecords(preamble(MessageType.tasks), records));
    return submissions;
  }

  outcome(submission: number): Promise<Outcome> {
    return this.outcomes.get(submission)!.promise;
  }

  /** Sends one task; resolves with what becomes of it. */
  async run(task: PeerTask): Promise<Outcome> {
    const [submission] = await this.submit([task]);
    return this.outcome(submission!);
  }

  /** Defines a function and runs it once. */
  async runSource(source: string, task: PeerTask = {}, contextIndex = -1): Promise<Outcome> {
    return this.run({ ...task, functionIndex: await this.define(source, contextIndex) });
  }

  async cancel(submissions: readonly number[], reason: string): Promise<void> {
    await this.send(controlMessage(MessageType.cancel, { submissions, reason }));
  }

  /** Says that the results that have come have been passed on. */
  async acknowledge(): Promise<void> {
    const { results, last } = this;
    await this.send(controlMessage(MessageType.delivered, { results, last }));
  }

  /** Takes over a submission of another peer. */
  expectOutcome(submission: number): void {
    this.outcomes.set(submission, deferred());
  }

  async shutdown(): Promise<void> {
    await this.send(preamble(MessageType.shutdown));
  }

  close(): void {
    this.router.close();
  }

  private async receive(): Promise<void> {
    try {
      for await (const [identity, head, ...rest] of this.router) await this.take(identity!, head!, rest);
    } catch (error) {
      if (!this.router.closed) throw error;
    }
  }

  private async take(identity: Buffer, head: Buffer, rest: Buffer[]): Promise<void> {
    const { type } = readPreamble(head);
    this.identity = identity;
    this.received.push(type as MessageType);
    if (type === MessageType.register) {
      const { registration, holdings } = readRegister([head, ...rest]);
      this.capacities.push(registration.capacity);
      if (holdings !== undefined) this.results = holdings.delivered;
      if (this.welcome) await this.send(controlMessage(MessageType.registered, { runId: 'test' }));
    }
    if (type === MessageType.capacity) this.capacities.push(readControl(head, isTaskCount).tasks);
    if (type === MessageType.results) {
      forEachRecord(head, PREAMBLE_BYTES, RESULT_HEAD_BYTES, rest, (record) => this.settle(record));
      if (this.acknowledges) await this.acknowledge();
    }
    if (type === MessageType.returned) {
      forEachRecord(head, PREAMBLE_BYTES, TASK_HEAD_BYTES, rest, (record) =>
        this.returned.push(taskField.submission(record)),
      );
    }
    const waiting = this.waiters.filter((waiter) => waiter.type === type);
    for (const waiter of waiting) {
      this.waiters.splice(this.waiters.indexOf(waiter), 1);
      waiter.resolve([head, ...rest]);
    }
  }

  private settle(record: PackedRecord): void {
    const submission = resultField.submission(record);
    const status = resultField.status(record);
    const { codec, bytes } = resultField.payload(record);
    if (status === ResultStatus.started) return void this.started.push(submission);
    this.results++;
    this.last = submission;
    // Tests that send records of their own wait for none of their results.
    this.outcomes
      .get(submission)
      ?.resolve(
        status === ResultStatus.succeeded
          ? { value: decodeValue(codec, bytes) }
          : { error: decodeError(codec, bytes) },
      );
  }
}

function deferred(): { resolve(outcome: Outcome): void; promise: Promise<Outcome> } {
  let resolve: (outcome: Outcome) => void = () => {};
  const promise = new Promise<Outcome>((settle) => (resolve = settle));
  return { resolve, promise };
}
