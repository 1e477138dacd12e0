import type { Measure } from '../measure.js';
import { firstResult } from './first-result.js';
import { latency } from './latency.js';
import { throughput } from './throughput.js';

export const measures: readonly Measure[] = [throughput, latency, firstResult];
