import type { Size } from './size.js';

/** What one sample is taken of, in a process of its own. */
export interface SampleOrder {
  /** `undefined`: real workers. */
  readonly size: Size | undefined;
  readonly encrypted: boolean;
  /** No-op tasks of one repetition. */
  readonly tasks: number;
  readonly repetitions: number;
  /** How long a simulated worker takes for a task, in ms. */
  readonly answerMs: number;
  /** Each result leaves in a message of its own. */
  readonly apart: boolean;
  /** For how long nothing is done while all managers are registered, in ms. */
  readonly idleMs: number;
  /** Processes that simulate managers; `undefined`: as many as it takes. */
  readonly processes: number | undefined;
  /** Directory that gets a CPU profile of the interchange. */
  readonly profile: string | undefined;
}

/** What one process has used in a sample. */
export interface ProcessCosts {
  /** Memory before the first manager came, in MB. */
  readonly startMb: number;
  /** CPU time until all managers had registered, in ms. */
  readonly registrationCpuMs: number;
  /** Memory with all managers registered and nothing to do, in MB. */
  readonly registeredMb: number;
  /** CPU time while there was nothing to do, as a share of that time. */
  readonly idleCpu: number;
  /** CPU time for 1,000 tasks, in ms. */
  readonly msPerThousand: number;
  /** The most memory it held at any time, in MB. */
  readonly peakMb: number;
}

/** One sample of one size. */
export interface SizeSample {
  /** From the first connection to the last manager that the submit process knows of, in s. */
  readonly registrationSeconds: number;
  /** No-op tasks per second with all managers registered, in each repetition. */
  readonly rates: readonly number[];
  readonly submit: ProcessCosts;
  readonly interchange: ProcessCosts;
  /** The processes that simulate managers, together: what they take from the others here. */
  readonly simulation: ProcessCosts;
}

/** One sample with real workers. */
export interface RealSample {
  readonly rates: readonly number[];
}
