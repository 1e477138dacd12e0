import process from 'node:process';
import { parentPort, threadId } from 'node:worker_threads';
import type { TaskContext } from '../../task-context.js';
import type { ThreadReply, ThreadRequest } from './thread-protocol.js';

type Callable = (...args: unknown[]) => unknown;

const functions = new Map<string, Callable>();

// As in the workers of HTEX: it need not be the doing of the task that runs, which would be lost with the thread.
process.on('unhandledRejection', (reason) => {
  console.error('a promise was rejected in a worker thread, and nobody handled it:', reason);
});

/** Runs one task in this thread. Never rejects. */
export async function runTask(request: ThreadRequest): Promise<ThreadReply> {
  try {
    const fn = functions.get(request.url) ?? (await load(request.url));
    const value = await call(fn, request);
    if (typeof value === 'object' || typeof value === 'function' || typeof value === 'symbol') {
      await checkResult(value);
    }
    return { ok: true, value };
  } catch (error) {
    const { encodeError } = await wire();
    const { codec, bytes } = encodeError(error);
    return { ok: false, codec, bytes };
  } finally {
    request.stop?.close();
  }
}

/** What the function returns; its output is captured while it runs. */
async function call(fn: Callable, request: ThreadRequest): Promise<unknown> {
  const { stdout, stderr } = request;
  const isCaptured = stdout !== undefined || stderr !== undefined;
  const endCapture = isCaptured ? (await wire()).captureOutput({ stdout, stderr }) : undefined;
  try {
    const args = request.stop === undefined ? request.args : withContext(request, request.stop);
    if (request.announce !== undefined) {
      parentPort?.postMessage({ parslStarted: request.announce });
    }
    return await fn(...args);
  } finally {
    endCapture?.();
  }
}

function withContext(request: ThreadRequest, stop: NonNullable<ThreadRequest['stop']>): readonly unknown[] {
  const controller = new AbortController();
  stop.once('message', (reason) => {
    controller.abort(reason);
  });
  // A task that has ended is not to keep its thread busy.
  stop.unref();
  const context: TaskContext = {
    taskId: request.taskId,
    attempt: request.attempt,
    worker: threadName(threadId),
    signal: controller.signal,
  };
  const args = [...request.args];
  args[request.contextIndex] = context;
  return args;
}

async function load(url: string): Promise<Callable> {
  const module: unknown = await import(url);
  if (typeof module === 'object' && module !== null && 'default' in module && isCallable(module.default)) {
    functions.set(url, module.default);
    return module.default;
  }
  throw new TypeError('the module of the app does not export a function');
}

async function checkResult(value: unknown): Promise<void> {
  const { inspectValue } = await wire();
  inspectValue(value, 'the result');
}

/** Loaded when it is needed: most threads run functions that return plain numbers, and start sooner without it. */
function wire() {
  return import('@parsl-ts/wire');
}

function threadName(id: number): string {
  return `thread-${String(id)}`;
}

function isCallable(value: unknown): value is Callable {
  return typeof value === 'function';
}
