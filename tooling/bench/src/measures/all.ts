import type { Measure } from '../measure.js';
import { dataflow } from './dataflow.js';
import { firstResult } from './first-result.js';
import { idle } from './idle.js';
import { latency } from './latency.js';
import { memory } from './memory.js';
import { million } from './million.js';
import { payload } from './payload.js';
import { throughput } from './throughput.js';

export const measures: readonly Measure[] = [
  throughput,
  latency,
  firstResult,
  payload,
  dataflow,
  million,
  memory,
  idle,
];
