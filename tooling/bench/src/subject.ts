import type { RolePatterns } from './processes/role.js';

/** Something that runs tasks, started and ready to be measured. The functions are those of `tasks.ts`. */
export interface Session {
  readonly noop: (x: number) => PromiseLike<number>;
  /**
   * Runs {@link noop} on 0 … `tasks` - 1, all at once, and checks the results; where this is quicker than to wait for all
   * of the promises.
   */
  runAll?(tasks: number): Promise<void>;
  readonly take?: (bytes: Uint8Array) => PromiseLike<number>;
  readonly give?: (size: number, fill: number) => PromiseLike<Uint8Array>;
  readonly waitForFile?: (end: string, begun: string) => PromiseLike<unknown>;
  /** Calls that take results which are not there yet, and give such results at once. */
  readonly flow?: Dataflow;
  close(): Promise<void>;
}

/** A result that may not be there yet. */
export type Future = PromiseLike<number>;

/** Functions that take futures. */
export interface Dataflow {
  noop(x: number): Future;
  next(x: Future): Future;
  add(a: Future, b: Future): Future;
  sum(xs: readonly Future[]): Future;
}

/** Something that runs tasks, as a user would set it up. */
export interface Subject {
  /** Names it on the command line and in JSON. */
  readonly name: string;
  /** Names it in tables. */
  readonly title: string;
  /** Names of the measures that it can do, and that say something about it. */
  readonly measures: readonly string[];
  /** All of its measures are taken in one process, since it takes long to start. Default: a process for each. */
  readonly together?: boolean;
  /**
   * What has to be done before it can be measured.
   *
   * @returns why it cannot be measured here, if so
   */
  readonly prepare?: () => Promise<string | undefined>;
  /**
   * The command that takes samples, and prints them as `sample-lines.ts` reads them.
   *
   * @param scale by what numbers of tasks are multiplied, where the subject can; default: 1
   */
  command(measures: readonly string[], workers: number, scale?: number): readonly string[];
}

/** A subject of Node.js, as it is inside the process that takes a sample of it: the submit process. */
export interface NodeSubject extends Omit<Subject, 'command'> {
  /** No-op tasks of a sample of throughput: about a second's. */
  readonly tasks: number;
  /** Its processes beside the submit process. */
  readonly processes: RolePatterns;
  /** Starts it with as many workers, each of which runs one task at a time. */
  open(workers: number): Promise<Session>;
}
