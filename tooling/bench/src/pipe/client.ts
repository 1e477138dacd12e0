import { spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { batchReader, BatchWriter, forEachRecord } from './batch.mjs';

/** The functions of the workers, as records name them. */
export const PipeFunction = { noop: 0, take: 1, give: 2 } as const;

export type PipeFunction = (typeof PipeFunction)[keyof typeof PipeFunction];

/** How a {@link PipeClient} works. */
export interface PipeOptions {
  readonly workers: number;
  /** Tasks that the pool may hold for each worker. */
  readonly prefetch: number;
  /** Where tasks turn round, as they are: on the way, or after a worker has run them. */
  readonly turn: 'interchange' | 'manager' | 'workers';
}

/** The submit end of the bare pipe, and its processes. */
export class PipeClient {
  private readonly interchange: ChildProcess;
  private readonly pool: ChildProcess;
  private readonly link: Socket;
  private readonly writer: BatchWriter;
  private readonly callbacks = new Map<number, (value: unknown) => void>();
  private nextNumber = 0;
  private flushing = false;

  /** Starts the processes. Resolves when the interchange listens. */
  static async start(options: PipeOptions): Promise<PipeClient> {
    const { turn } = options;
    const interchange = start('interchange', turn === 'interchange' ? ['turn'] : [], [
      'ignore',
      'inherit',
      'inherit',
      'pipe',
    ]);
    const link = interchange.stdio[3];
    if (!(link instanceof Socket)) throw new TypeError('the interchange has no connection');
    const port = await new Promise<number>((resolve) => {
      link.once('data', (hello: Buffer) => resolve(hello.readUInt32LE(4)));
    });
    const args = [port, options.workers, options.prefetch].map(String);
    const pool = start('pool', turn === 'manager' ? [...args, 'turn'] : args, ['pipe', 'inherit', 'inherit']);
    return new PipeClient(interchange, pool, link, options);
  }

  private constructor(interchange: ChildProcess, pool: ChildProcess, link: Socket, options: PipeOptions) {
    this.interchange = interchange;
    this.pool = pool;
    this.link = link;
    this.writer = new BatchWriter(options.prefetch, (bytes) => link.write(bytes));
    const isTask = options.turn !== 'workers';
    const read = batchReader((bytes) =>
      forEachRecord(bytes, (record) => this.settle(Number(record[0]), record[isTask ? 2 : 1])),
    );
    link.on('data', read);
  }

  /** Calls the function on a worker, together with whatever else is called in this turn. */
  call(fn: PipeFunction, x: unknown, callback: (value: unknown) => void): void {
    const number = this.nextNumber;
    this.nextNumber += 1;
    this.callbacks.set(number, callback);
    this.writer.add([number, fn, x]);
    if (this.flushing) return;
    this.flushing = true;
    this.link.cork();
    queueMicrotask(() => {
      this.flushing = false;
      this.writer.flush();
      this.link.uncork();
    });
  }

  async close(): Promise<void> {
    const ended = [this.interchange, this.pool].map(
      (child) => new Promise((resolve) => child.once('exit', resolve)),
    );
    this.pool.stdin?.end();
    this.link.destroy();
    await Promise.all(ended);
  }

  private settle(number: number, value: unknown): void {
    const callback = this.callbacks.get(number);
    this.callbacks.delete(number);
    callback?.(value);
  }
}

function start(program: string, args: readonly string[], stdio: readonly ('ignore' | 'inherit' | 'pipe')[]) {
  const path = fileURLToPath(new URL(`./${program}.mjs`, import.meta.url));
  return spawn(process.execPath, [path, ...args], { stdio: [...stdio] });
}
