import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { SimulatorOrder, SimulatorReport } from './simulator-protocol.js';
import { WITH_TSX } from './with-tsx.js';

const script = fileURLToPath(new URL('./simulator-main.ts', import.meta.url));

/** The processes that simulate managers. */
export class Simulators implements AsyncDisposable {
  private readonly processes: readonly ChildProcess[];
  private readonly registered: number[];
  private readonly failure: Promise<never>;
  private readonly ready: Promise<unknown>;

  /** @param execPath The Node.js that runs them. */
  constructor(count: number, execPath: string) {
    this.processes = Array.from({ length: count }, () =>
      fork(script, [], { execPath, execArgv: [...WITH_TSX] }),
    );
    this.registered = this.processes.map(() => 0);
    this.ready = Promise.all(this.processes.map((child) => once(child, 'message')));
    this.failure = new Promise((_, reject) => {
      for (const [index, child] of this.processes.entries()) {
        child.on('message', (message) => {
          const report = message as SimulatorReport;
          if (report.is === 'failed') reject(new Error(report.why));
          else if (report.is === 'registered') this.registered[index] = report.managers;
        });
        child.on('error', reject);
        child.on('exit', (code, signal) => {
          reject(new Error(`a process that simulates managers ended: ${signal ?? String(code)}`));
        });
      }
    });
    this.failure.catch(() => undefined);
  }

  get pids(): number[] {
    return this.processes.flatMap(({ pid }) => pid ?? []);
  }

  /** Managers that have been welcomed, as far as is known. */
  get welcomed(): number {
    return this.registered.reduce((sum, each) => sum + each, 0);
  }

  /** Resolves when all of them wait for their order. */
  async started(): Promise<void> {
    await this.whileTheyRun(this.ready);
  }

  /** Lets the processes open their connections. */
  open(orders: readonly SimulatorOrder[]): void {
    for (const [index, order] of orders.entries()) this.processes[index]?.send(order);
  }

  /** @throws Error when a process fails before `work` is done */
  async whileTheyRun<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.failure]);
  }

  /** Ends them. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.processes.map(end));
  }
}

/** By force: ZeroMQ would take its time to close thousands of sockets. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
