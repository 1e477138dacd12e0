import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Piscina } from 'piscina';
import { isAnnouncement, type ThreadReply } from './thread-protocol.js';
import { ThreadRun, type RunThread } from './thread-run.js';

/** Loaded when it is needed: it is slow to load, and many programs that import this package never use it. */
function loadPiscina() {
  return import('piscina');
}

type Loaded = Awaited<ReturnType<typeof loadPiscina>>;

/** How many threads there are to be, and who hears of them. */
export interface ThreadsOptions {
  readonly min: number;
  readonly max: number;
  /** A thread is about to call the function of the run with this number. */
  began(number: number): void;
  /** A thread failed while it ran no task. */
  failed(error: unknown): void;
}

/** The threads of one executor, on Piscina. */
export class Threads {
  readonly #pool: Piscina<unknown, ThreadReply>;
  readonly #queueOptions: symbol;
  readonly #known = new Map<number, RunThread>();

  private constructor({ Piscina, queueOptionsSymbol }: Loaded, options: ThreadsOptions) {
    this.#queueOptions = queueOptionsSymbol;
    this.#pool = new Piscina<unknown, ThreadReply>({
      filename: threadMain(),
      name: 'runTask',
      minThreads: options.min,
      maxThreads: options.max,
      idleTimeout: Infinity,
      recordTiming: false,
      // What the program was started with, loaders among it, is not for the threads: they run packed functions.
      execArgv: [],
      // Piscina would choose the same thread; this is how we get to know it.
      loadBalancer: (task, threads) => {
        const free = threads.find((each) => each.currentUsage === 0 && !each.terminating && !each.destroyed);
        const run: unknown = Reflect.get(task, queueOptionsSymbol);
        if (free !== undefined && run instanceof ThreadRun) {
          run.given(this.#thread(free.id));
        }
        return free ?? null;
      },
    });
    this.#pool.on('message', (message: unknown) => {
      if (isAnnouncement(message)) {
        options.began(message.parslStarted);
      }
    });
    this.#pool.on('error', (error: unknown) => {
      options.failed(error);
    });
  }

  /** Starts the first threads, and does not wait for them. */
  static async start(options: ThreadsOptions): Promise<Threads> {
    return new Threads(await loadPiscina(), options);
  }

  /** How many there are now. */
  get count(): number {
    return this.#pool.threads.length;
  }

  /** Runs a task on a thread. Rejects when its thread ends before it answers. */
  run(run: ThreadRun): Promise<ThreadReply> {
    const { request, transfer } = run.request();
    return this.#pool.run(
      { ...request, [this.#queueOptions]: run },
      { transferList: transfer, signal: run.signal },
    );
  }

  /** Ends all threads. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  #thread(threadId: number): RunThread {
    let thread = this.#known.get(threadId);
    if (thread === undefined) {
      const worker = this.#pool.threads.find((each) => each.threadId === threadId);
      const exited = new Promise<void>((resolve) => {
        if (worker === undefined) {
          resolve();
        } else {
          worker.once('exit', () => {
            this.#known.delete(threadId);
            resolve();
          });
        }
      });
      thread = { threadId, exited };
      this.#known.set(threadId, thread);
    }
    return thread;
  }
}

/** The built file, also when this one runs from its source. */
function threadMain(): string {
  const home = createRequire(import.meta.url).resolve('@parsl-ts/core/package.json');
  return join(dirname(home), 'dist', 'thread-main.js');
}
