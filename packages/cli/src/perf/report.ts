/** What is measured, and where. Times are in ms. */
export interface PerfFacts {
  /** Version of `@parsl-ts/core` that runs the tasks. */
  readonly version: string;
  /** Version of Node.js. */
  readonly node: string;
  /** Where the command runs. */
  readonly host: string;
  /** Operating system and processor, such as `linux x64`. */
  readonly platform: string;
  /** Absolute path of the configuration file; `null` when this machine is measured without one. */
  readonly config: string | null;
  /** Labels of the executors that are measured together. */
  readonly executors: readonly string[];
  readonly iterate: 'estimate' | 'exponential' | readonly number[];
  /** How long an iteration is meant to take. */
  readonly timeMs: number;
  /** Size of the argument of each task. */
  readonly argBytes: number;
  /** Size of the result of each task. */
  readonly resultBytes: number;
}

/** How long it took until tasks were run, in ms. */
export interface StartReport {
  /** How long `load()` took. */
  readonly loadMs: number;
  /** From the call of `load()` to the first result, with all waiting for nodes. */
  readonly firstResultMs: number;
}

/** One iteration: so many calls, and their results. Times are in ms, rates in 1/s. */
export interface IterationReport {
  readonly tasks: number;
  /** How many tasks could run at once when it ended, as far as is known. */
  readonly workers: number;
  /** Time spent in the calls themselves. */
  readonly submitMs: number;
  /** Calls per second of that time. */
  readonly submitRate: number;
  /** From the first call to the last result. */
  readonly runMs: number;
  /** Tasks per second of that time. */
  readonly rate: number;
  /** Arguments and results per second of that time, in MB; 0 when they have no size. */
  readonly mbPerSecond: number;
}

/** How long a task takes from call to result when nothing else is under way. */
export interface LatencyReport {
  /** How many were taken, one after another. */
  readonly calls: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** The figures of a measurement. */
export interface Measurement extends StartReport {
  /** Absolute path of the run's directory, which has the logs. */
  readonly runDir: string;
  readonly iterations: readonly IterationReport[];
  readonly latency: LatencyReport;
}

/** What `parsl-ts perf --json` prints. */
export interface PerfReport extends PerfFacts, Measurement {
  /** When it ended, ISO 8601. */
  readonly date: string;
}
