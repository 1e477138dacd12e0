import { spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';

import { readBegun, readJournal } from '../result-journal.js';
import { WORKER_FD } from '../worker-descriptors.js';
import { recordBatches } from './record-batches.js';
import {
  attachPayloads,
  forEachRecord,
  FromWorker,
  packControl,
  RESULT_HEAD_BYTES,
  StreamFrameReader,
  streamFrame,
  ToWorker,
  type AbortTask,
  type FunctionFile,
  type PackedRecord,
  type ProcessEnd,
  type WorkerSetup,
} from '@parsl-ts/wire';

/** How a worker process is started. */
export interface WorkerLaunch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Descriptor that takes what it writes to its standard output and error; `undefined`: this process's own. */
  readonly output: number | undefined;
  /** Descriptor of a file for what it begins and answers; the caller keeps it until the worker has ended. */
  readonly journal: number;
}

/** What a worker process tells. */
export interface WorkerListener {
  ready(): void;
  results(records: readonly PackedRecord[]): void;
  dropped(leaseUntil: number): void;
  leaving(): void;
  /**
   * It has ended and everything it had written was reported before. The last call.
   *
   * @param begun the submission that it had to start and has begun with last; `NaN` if there was none
   */
  exited(end: ProcessEnd, begun: number): void;
  /** It wrote something that is not of its protocol, or could not be started. It is being killed. */
  broken(error: Error): void;
}

/** How long after the exit of a worker its connection may still be held by processes that it left behind, in ms. */
const LINGER_MS = 200;

/** Orders of so many bytes are copied into one piece, which is one system call. */
const MAX_COPIED_BYTES = 64 * 1024;

/**
 * Tasks with large arguments come in several frames of about so many bytes: a worker starts with the first when that has
 * come, and the memory of one can go before that of the others.
 */
const MAX_BATCH_BYTES = 1024 * 1024;

/** A running worker process, the leader of a process group of its own. */
export class WorkerProcess {
  readonly child: ChildProcess;
  private readonly listener: WorkerListener;
  private readonly journal: number;
  private readonly orders: Socket;
  private readonly answers: Socket;
  private end: ProcessEnd | undefined;
  private finished = false;
  private results: PackedRecord[] = [];
  private unsent: Buffer[] = [];

  /** @throws the error of the system when there are no descriptors for it */
  constructor(launch: WorkerLaunch, setup: WorkerSetup, listener: WorkerListener) {
    this.listener = listener;
    this.journal = launch.journal;
    const output = launch.output ?? 'inherit';
    this.child = spawn(launch.command, launch.args, {
      env: launch.env,
      // In the order of `WORKER_FD`.
      stdio: ['ignore', output, output, 'pipe', 'pipe', launch.journal],
      // Its own process group, so that what a task starts can be killed with it, and Ctrl-C reaches only this process.
      detached: true,
    });
    // Without descriptors there are neither a process nor pipes, and this comes later.
    this.child.once('error', () => undefined);
    if (!Array.isArray(this.child.stdio)) throw new Error('there are no file descriptors left for a process');
    this.orders = socketOf(this.child.stdio[WORKER_FD.orders]);
    this.answers = socketOf(this.child.stdio[WORKER_FD.answers]);
    this.listen();
    this.send(ToWorker.setup, [packControl(setup)]);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  announce(file: FunctionFile): void {
    this.send(ToWorker.code, [packControl(file)]);
  }

  abort(order: AbortTask): void {
    this.send(ToWorker.abort, [packControl(order)]);
  }

  run(records: readonly PackedRecord[], leaseUntil: number): void {
    const lease = Buffer.allocUnsafe(8);
    lease.writeDoubleLE(leaseUntil, 0);
    for (const batch of recordBatches(records, MAX_BATCH_BYTES)) {
      this.send(ToWorker.tasks, [lease, ...attachPayloads(batch)]);
    }
  }

  /** Ends the worker and everything that its tasks have started in its process group. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    if (this.child.pid === undefined || this.end !== undefined) return;
    try {
      process.kill(-this.child.pid, signal);
    } catch {
      this.child.kill(signal);
    }
  }

  /**
   * What the worker has answered and perhaps not sent. Whoever wants to know all of its answers at some time reads this
   * then, after that everything that has come over the connection, and reports both.
   */
  readJournal(): Buffer {
    return readJournal(this.journal);
  }

  /** Reports answers of the journal. Some may be known already. */
  reportJournal(records: Buffer): void {
    try {
      forEachRecord(records, 0, RESULT_HEAD_BYTES, [], (record) => this.results.push(record));
      this.flush();
    } catch (error) {
      this.giveUp(error);
    }
  }

  /** Frames of one turn leave together. */
  private send(type: number, parts: readonly Buffer[]): void {
    if (this.unsent.length === 0) queueMicrotask(() => this.sendAll());
    this.unsent.push(...streamFrame(type, parts));
  }

  private sendAll(): void {
    const frames = this.unsent;
    this.unsent = [];
    if (this.orders.destroyed) return;
    let length = 0;
    for (const part of frames) length += part.length;
    if (length <= MAX_COPIED_BYTES) {
      this.orders.write(Buffer.concat(frames, length));
      return;
    }
    this.orders.cork();
    for (const part of frames) this.orders.write(part);
    this.orders.uncork();
  }

  private listen(): void {
    const reader = new StreamFrameReader((type, body) => this.onFrame(type, body));
    this.answers.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk);
        this.flush();
      } catch (error) {
        this.giveUp(error);
      }
    });
    // A worker that has just died cannot be written to; its exit is reported in any case.
    this.orders.on('error', () => undefined);
    this.answers.on('error', () => undefined);
    this.answers.on('close', () => this.finish());
    this.child.on('exit', (exitCode, signal) => {
      // What it has left behind must not outlive it.
      this.kill('SIGKILL');
      this.end = { exitCode, signal };
      this.orders.destroy();
      if (this.answers.closed) this.finish();
      else setTimeout(() => this.closeAnswers(), LINGER_MS).unref();
    });
    this.child.on('error', (error) => {
      // Without a process there is no exit either.
      if (this.child.pid !== undefined) return;
      this.listener.broken(error);
      this.end = { exitCode: 127, signal: null };
      this.answers.destroy();
    });
  }

  /** Its last answers are read before an immediate runs, however late this process is. */
  private closeAnswers(): void {
    setImmediate(() => this.answers.destroy());
  }

  /** Nothing that it says can be relied on any more. */
  private giveUp(error: unknown): void {
    this.results = [];
    this.answers.destroy();
    this.listener.broken(error instanceof Error ? error : new Error(String(error)));
    this.kill('SIGKILL');
  }

  private finish(): void {
    // A connection that was closed by the worker while it lives makes it useless.
    if (this.end === undefined) return this.kill('SIGKILL');
    if (!this.answers.closed || this.finished) return;
    this.finished = true;
    this.reportJournal(this.readJournal());
    this.listener.exited(this.end, readBegun(this.journal));
  }

  /** All the results of one chunk are one event. */
  private flush(): void {
    if (this.results.length === 0) return;
    const results = this.results;
    this.results = [];
    this.listener.results(results);
  }

  private onFrame(type: number, body: Buffer): void {
    if (type === FromWorker.results) {
      return forEachRecord(body, 0, RESULT_HEAD_BYTES, [], (record) => this.results.push(record));
    }
    this.flush();
    switch (type) {
      case FromWorker.ready:
        return this.listener.ready();
      case FromWorker.leaving:
        return this.listener.leaving();
      case FromWorker.dropped:
        return this.listener.dropped(body.readDoubleLE(0));
    }
  }
}

/** What Node.js makes of the `pipe` of a child: one end of a socket pair. */
function socketOf(stream: unknown): Socket {
  if (stream instanceof Socket) return stream;
  throw new TypeError('a worker has no connection');
}
