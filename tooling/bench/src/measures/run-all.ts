import type { Session } from '../subject.js';

/** Runs so many no-op tasks, all at once, and checks their results. */
export async function runAll(session: Session, tasks: number): Promise<void> {
  if (session.runAll !== undefined) return session.runAll(tasks);
  const results = await Promise.all(Array.from({ length: tasks }, (_, i) => session.noop(i)));
  const wrong = results.findIndex((result, i) => result !== i);
  if (wrong >= 0) throw new Error(`Task ${wrong} gave ${String(results[wrong])}`);
}

/** Does something and tells how long that took, in ms. */
export async function timed(work: () => PromiseLike<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

/** @throws Error when a result is not what it must be */
export function expectResult(what: string, result: number, expected: number): void {
  if (result !== expected) throw new Error(`${what} gave ${result} instead of ${expected}`);
}
