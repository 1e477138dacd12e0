import { ParslError } from '@parsl-ts/wire';

import { PoolExit, WorkerPoolError } from '../pool-error.js';
import { startWorkerPool, type WorkerPool } from '../pool/worker-pool.js';
import { parseCommandLine } from './command-line.js';

/** What a shell reports for a process that a signal ended: 128 and the signal's number. */
const SIGNAL_EXITS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Runs `parsl-worker-pool` with these arguments and sets this process's exit code. */
export async function runCommand(args: readonly string[]): Promise<void> {
  let pool: WorkerPool | undefined;
  // Whoever reads this may leave early (`--help | head`); that is no reason to end.
  process.stdout.on('error', () => undefined);
  for (const [signal, exitCode] of Object.entries(SIGNAL_EXITS)) {
    process.on(signal, () => {
      process.exitCode = exitCode;
      if (pool === undefined) process.exit();
      void pool.close(`it got ${signal}`);
    });
  }
  try {
    const options = parseCommandLine(args);
    if (options === undefined) return;
    pool = await startWorkerPool(options);
    const workers = pool.workers === 1 ? '1 worker' : `${pool.workers} workers`;
    process.stdout.write(`parsl-worker-pool: registered as ${pool.id}, with ${workers}\n`);
    const { exitCode, reason } = await pool.closed;
    process.exitCode ??= exitCode;
    if (exitCode !== 0) process.stderr.write(`parsl-worker-pool: ended, since ${reason}\n`);
  } catch (error) {
    process.exitCode ??= error instanceof WorkerPoolError ? error.exitCode : PoolExit.failed;
    process.stderr.write(`parsl-worker-pool: ${describe(error)}\n`);
  }
}

function describe(error: unknown): string {
  if (error instanceof ParslError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
