import type { IterationPlan } from './iteration-plan.js';

/** Options of `parsl-ts perf`, as they are given. */
export interface PerfOptions {
  /** Configuration file; `undefined`: this machine is measured. */
  readonly config?: string;
  /** How long an iteration is meant to take, in s. */
  readonly time: number;
  /** Size of the argument that each task takes, in bytes. */
  readonly argSize: number;
  /** Size of the result that each task gives, in bytes. */
  readonly resultSize: number;
  readonly iterate: IterationPlan;
  /** Labels of the executors to measure; `undefined`: all of them together. */
  readonly executor?: readonly string[];
  readonly json?: boolean;
}
