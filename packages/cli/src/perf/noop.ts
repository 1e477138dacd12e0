/**
 * The function whose tasks are measured. Beside what it is given and gives back, a task costs what any task costs.
 *
 * @param _payload travels to the worker, for nothing
 * @param resultBytes how much travels back
 */
export function noop(_payload: Uint8Array | undefined, resultBytes: number): Uint8Array | undefined {
  return resultBytes === 0 ? undefined : new Uint8Array(resultBytes);
}
