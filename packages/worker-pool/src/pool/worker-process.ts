import { spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';

import {
  attachPayload,
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
}

/** What a worker process tells. */
export interface WorkerListener {
  ready(): void;
  results(records: readonly PackedRecord[]): void;
  dropped(leaseUntil: number): void;
  leaving(): void;
  /** It has ended and everything it had written was reported before. The last call. */
  exited(end: ProcessEnd): void;
  /** It wrote something that is not of its protocol, or could not be started. It is being killed. */
  broken(error: Error): void;
}

/** How long after the exit of a worker its connection may still be held by processes that it left behind, in ms. */
const LINGER_MS = 200;

/** A running worker process, the leader of a process group of its own. */
export class WorkerProcess {
  readonly child: ChildProcess;
  private readonly listener: WorkerListener;
  private readonly link: Socket;
  private end: ProcessEnd | undefined;
  private results: PackedRecord[] = [];

  constructor(launch: WorkerLaunch, setup: WorkerSetup, listener: WorkerListener) {
    this.listener = listener;
    const output = launch.output ?? 'inherit';
    this.child = spawn(launch.command, launch.args, {
      env: launch.env,
      stdio: ['ignore', output, output, 'pipe'],
      // Its own process group, so that what a task starts can be killed with it, and Ctrl-C reaches only this process.
      detached: true,
    });
    this.link = socketOf(this.child.stdio[3]);
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
    const parts: Buffer[] = [lease];
    for (const record of records) parts.push(...attachPayload(record));
    this.send(ToWorker.tasks, parts);
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

  private send(type: number, parts: readonly Buffer[]): void {
    if (this.link.destroyed) return;
    const frame = streamFrame(type, parts);
    let length = 0;
    for (const part of frame) length += part.length;
    if (length <= 64 * 1024) {
      this.link.write(Buffer.concat(frame, length));
      return;
    }
    this.link.cork();
    for (const part of frame) this.link.write(part);
    this.link.uncork();
  }

  private listen(): void {
    const reader = new StreamFrameReader((type, body) => this.onFrame(type, body));
    this.link.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk);
        this.flush();
      } catch (error) {
        this.link.destroy();
        this.listener.broken(error instanceof Error ? error : new Error(String(error)));
        this.kill('SIGKILL');
      }
    });
    // A write to a worker that has just died; its exit is reported in any case.
    this.link.on('error', () => undefined);
    this.link.on('close', () => this.finish());
    this.child.on('exit', (exitCode, signal) => {
      // What it has left behind must not outlive it.
      this.kill('SIGKILL');
      this.end = { exitCode, signal };
      if (this.link.closed) this.finish();
      else setTimeout(() => this.link.destroy(), LINGER_MS).unref();
    });
    this.child.on('error', (error) => {
      // Without a process there is no exit either.
      if (this.child.pid !== undefined) return;
      this.listener.broken(error);
      this.end = { exitCode: 127, signal: null };
      this.link.destroy();
    });
  }

  private finish(): void {
    // A connection that was closed by the worker while it lives makes it useless.
    if (this.end === undefined) return this.kill('SIGKILL');
    if (!this.link.closed) return;
    this.listener.exited(this.end);
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
