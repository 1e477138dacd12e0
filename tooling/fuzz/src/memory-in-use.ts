import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes that this process holds on to: its heap and what hangs on it outside, after a collection of garbage. */
export function memoryInUse(): number {
  // The collector is there for those who ask for it when the process starts, or for it in a new context later.
  setFlagsFromString('--expose-gc');
  // Twice: what finalizers let go of in the first is free only in the second.
  runInNewContext('gc(); gc()');
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
