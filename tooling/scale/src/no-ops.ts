import { app } from '@parsl-ts/core';

/** What all tasks of the simulation run, or would run. */
export const noOp = app((x: number) => x);

/**
 * Submits tasks all at once and waits for all results.
 *
 * @returns tasks per second
 * @throws Error when a result is wrong
 */
export async function runNoOps(tasks: number): Promise<number> {
  const begin = performance.now();
  const results = await Promise.all(Array.from({ length: tasks }, (_, index) => noOp(index)));
  const seconds = (performance.now() - begin) / 1000;
  const wrong = results.findIndex((result, index) => result !== index);
  if (wrong >= 0) throw new Error(`task ${wrong} gave ${String(results[wrong])}`);
  return tasks / seconds;
}
