import { performance } from 'node:perf_hooks';

const [seconds, nanoseconds] = process.hrtime();
const offsetMs = seconds * 1e3 + nanoseconds / 1e6 - performance.now();

/** The host's monotonic clock in ms: the same for all processes of a host. */
export function hostNow(): number {
  return performance.now() + offsetMs;
}
