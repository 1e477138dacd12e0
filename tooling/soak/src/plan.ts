import type { FaultName } from './fault-names.js';

/** What is done in a run. */
export interface SoakPlan {
  /** How long tasks are submitted, in ms. What is outstanding then is waited for. */
  readonly runMs: number;
  /** Decides over the mix of tasks and over what fails when. */
  readonly seed: number;
  /** What may fail. */
  readonly faults: readonly FaultName[];
  /** How long between two faults, on average, in ms. */
  readonly faultEveryMs: number;
  /** Tasks per second, on average, while there is work. */
  readonly tasksPerSecond: number;
  /** How long there is work, and then none, so that blocks are added and given back, in ms. */
  readonly busyMs: number;
  readonly quietMs: number;
  /** Of the executor, in ms. */
  readonly heartbeatPeriodMs: number;
  readonly heartbeatThresholdMs: number;
  /** How often memory and descriptors are looked at, in ms. */
  readonly sampleEveryMs: number;
  /** Only processes that lived for so long are judged by how their memory grows, in ms. */
  readonly judgedFromMs: number;
  /** How long the last tasks may take to settle, in ms. */
  readonly settleMs: number;
}
