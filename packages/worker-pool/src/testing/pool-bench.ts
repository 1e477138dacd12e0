import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { WorkerPoolOptions } from '../pool/options.js';
import { startWorkerPool, type WorkerPool } from '../pool/worker-pool.js';
import { InterchangePeer, type Outcome } from './interchange-peer.js';

/** A pool in this process, and who speaks to it as an interchange does, in a directory of their own for each test. */
export class PoolBench {
  dir = '';
  peer!: InterchangePeer;
  pool!: WorkerPool;

  /** Call it outside of any test. */
  static use(): PoolBench {
    const bench = new PoolBench();
    beforeEach(() => {
      bench.dir = mkdtempSync(join(tmpdir(), 'pool-test-'));
    });
    afterEach(async () => {
      await bench.pool.close();
      bench.peer.close();
      rmSync(bench.dir, { recursive: true, force: true });
    });
    return bench;
  }

  async start(options: Partial<WorkerPoolOptions> = {}): Promise<void> {
    this.peer = await InterchangePeer.listen();
    this.pool = await startWorkerPool({
      addresses: [this.peer.address],
      coresPerWorker: 0.1,
      maxWorkersPerNode: 2,
      logDir: join(this.dir, 'logs'),
      scratchDir: this.dir,
      ...options,
    });
  }

  /** The pool's log directory. */
  logDir(block = 'manual'): string {
    return join(this.dir, 'logs', `block-${block}`, this.pool.id);
  }

  logText(): string {
    return readFileSync(join(this.logDir(), 'manager.log'), 'utf8');
  }
}

export function errorOf(outcome: Outcome): Error {
  if ('error' in outcome) return outcome.error;
  throw new Error(`succeeded with ${JSON.stringify(outcome.value)}`);
}

/** Processes whose command line or environment holds this text. */
export function processes(text: string): string[] {
  const all = execFileSync('ps', ['axeww', '-o', 'pid=,args='], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  return all.split('\n').filter((line) => line.includes(text) && !line.includes('ps axeww'));
}
