import { inspect } from 'node:util';
import { writeSync } from 'node:fs';

import { FromWorker } from '@parsl-ts/wire';

import { type ManagerLink } from './manager-link.js';
import { type TaskRunner } from './task-runner.js';

const EMPTY = Buffer.alloc(0);

/**
 * Decides what becomes of errors that no task caught, and of an exit that no task asked for.
 *
 * - An exception in a callback (a timer, an event listener) fails the task that runs, since it would probably wait for
 *   ever, and this process ends, since nobody knows what state it is in. Another takes its place at once.
 * - A rejection that nobody handles goes to the worker's output, and the worker goes on: which task made it cannot be
 *   told, and none of them waits for it.
 * - If the process ends while no task runs, the manager learns that nothing was started, so that no task is blamed.
 */
export function watchStrays(runner: TaskRunner, link: ManagerLink): void {
  process.on('uncaughtException', (error) => {
    complain(`an exception that nothing caught ends this worker`, error);
    runner.failRunning(error);
    process.exit(1);
  });
  process.on('unhandledRejection', (reason) =>
    complain('a promise was rejected and nothing handles it', reason),
  );
  process.on('exit', () => {
    runner.flush();
    if (!runner.isRunning) link.send(FromWorker.leaving, EMPTY);
  });
}

function complain(what: string, error: unknown): void {
  try {
    writeSync(2, `${what}: ${inspect(error)}\n`);
  } catch {
    // Its output is gone; there is nobody left to tell.
  }
}
