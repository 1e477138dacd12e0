import { quantile } from './quantile.js';
import type { LatencyReport } from './report.js';

/** Enough for a 99th percentile. */
const CALLS = 1000;

/** Where tasks take long, fewer have to do. In ms. */
const PATIENCE_MS = 3000;

/** Calls an app again and again, each time when the result of the last call is there. */
export async function measureLatency(
  call: () => PromiseLike<unknown>,
  calls = CALLS,
  patienceMs = PATIENCE_MS,
): Promise<LatencyReport> {
  const times: number[] = [];
  const end = performance.now() + patienceMs;
  do {
    const begin = performance.now();
    await call();
    times.push(performance.now() - begin);
  } while (times.length < calls && performance.now() < end);
  return { calls: times.length, p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99) };
}
