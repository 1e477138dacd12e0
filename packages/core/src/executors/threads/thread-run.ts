import { hostname } from 'node:os';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { AppTimeoutError, decodeError, WorkerLost } from '@parsl-ts/wire';
import { messageOf } from '../../errors.js';
import type { ExecutorTask } from '../../executor.js';
import type { FunctionFile } from '../function-files.js';
import { takesContext } from '../task-call.js';
import type { ThreadReply, ThreadRequest } from './thread-protocol.js';

/** How long a function that was told to stop has before its thread is ended, in ms. */
const STOP_GRACE_MS = 500;

/** A thread, as a run sees it. */
export interface RunThread {
  readonly threadId: number;
  /** Resolves when nothing of it runs any more. */
  readonly exited: Promise<unknown>;
}

/** One try of a task that a thread has, or will have. */
export class ThreadRun {
  readonly task: ExecutorTask;
  /** Number under which the thread announces that the function starts. */
  readonly number: number;
  readonly #file: FunctionFile;
  #thread: RunThread | undefined;
  #stopPort: MessagePort | undefined;
  #stopped: { readonly reason: unknown } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #abort: (() => void) | undefined;

  constructor(task: ExecutorTask, number: number, file: FunctionFile) {
    this.task = task;
    this.number = number;
    this.#file = file;
  }

  /** As an `AbortSignal` that is made for each task would be, but cheaper. Its firing ends the thread. */
  readonly signal = {
    once: (_name: 'abort', listener: () => void): void => {
      this.#abort = listener;
    },
    off: (): void => {
      this.#abort = undefined;
    },
    // Piscina's types name `off`, its code calls this.
    removeListener: (): void => {
      this.#abort = undefined;
    },
  };

  /** What the thread is sent, and the ports that go with it. */
  request(): { readonly request: ThreadRequest; readonly transfer: MessagePort[] } {
    const { task } = this;
    let stop: MessagePort | undefined;
    if (takesContext(task)) {
      const { port1, port2 } = new MessageChannel();
      this.#stopPort = port1;
      stop = port2;
    }
    const request = {
      url: this.#file.url,
      args: task.args,
      taskId: task.taskId,
      attempt: task.attempt,
      contextIndex: task.app.contextIndex,
      stop,
      announce: task.timeoutMs === undefined ? undefined : this.number,
      stdout: task.stdout,
      stderr: task.stderr,
    };
    return { request, transfer: stop === undefined ? [] : [stop] };
  }

  /** The run was given to a thread. */
  given(thread: RunThread): void {
    this.#thread = thread;
    this.task.started({ worker: `thread-${String(thread.threadId)}` });
  }

  /** The thread is about to call the function: its time begins. */
  began(): void {
    const { timeoutMs } = this.task;
    if (timeoutMs !== undefined && this.#stopped === undefined) {
      this.#timer = setTimeout(() => {
        this.stop(new AppTimeoutError(timeoutMs));
      }, timeoutMs);
    }
  }

  /** Has the function stop, by force if it does not heed its signal. The task then fails with `reason`. */
  stop(reason: unknown): void {
    if (this.#stopped !== undefined) {
      return;
    }
    this.#stopped = { reason };
    clearTimeout(this.#timer);
    if (this.#stopPort === undefined) {
      this.#abort?.();
      return;
    }
    this.#stopPort.postMessage(reason instanceof Error ? new Error(reason.message) : undefined);
    this.#timer = setTimeout(() => this.#abort?.(), STOP_GRACE_MS);
  }

  /** Tells the task what the thread answered. */
  replied(reply: ThreadReply): void {
    this.#end();
    if (this.#stopped !== undefined) {
      this.task.failed(this.#stopped.reason);
    } else if (reply.ok) {
      this.task.succeeded(reply.value);
    } else {
      const { bundle } = this.#file;
      this.task.failed(readError(reply, (stack) => bundle.mapStack(stack)));
    }
  }

  /** Resolves when nothing of the thread runs any more. */
  async ended(): Promise<void> {
    await this.#thread?.exited;
  }

  /** Tells the task that there will be no answer. */
  lost(error: unknown): void {
    this.#end();
    this.task.failed(this.#stopped === undefined ? this.#loss(error) : this.#stopped.reason);
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#stopPort?.close();
  }

  #loss(error: unknown): unknown {
    if (this.#thread === undefined) {
      return error;
    }
    const exit = /exited with code: (?<code>\d+)/.exec(messageOf(error))?.groups?.['code'];
    const place = { host: hostname(), worker: `thread-${String(this.#thread.threadId)}` };
    const lost = new WorkerLost(
      place,
      { exitCode: exit === undefined ? 1 : Number(exit), signal: null },
      exit === undefined ? messageOf(error) : '',
    );
    Object.defineProperty(lost, 'cause', { value: error, configurable: true, writable: true });
    return lost;
  }
}

function readError(
  reply: ThreadReply & { readonly ok: false },
  mapStack: (stack: string) => string,
): unknown {
  try {
    return decodeError(reply.codec, reply.bytes, mapStack);
  } catch (error) {
    return error;
  }
}
