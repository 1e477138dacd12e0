/** Something that runs tasks, started and ready to be measured. */
export interface Session {
  /** Runs the function `(x) => x` on a worker. */
  readonly noop: (x: number) => PromiseLike<number>;
  /**
   * Runs that function on 0 … `tasks` - 1, all at once, and checks the results; where this is quicker than to call
   * {@link noop} and to wait for all of its promises.
   */
  runAll?(tasks: number): Promise<void>;
  close(): Promise<void>;
}

/** Something that runs tasks, as a user would set it up. */
export interface Subject {
  /** Names it on the command line and in JSON. */
  readonly name: string;
  /** Names it in the table. */
  readonly title: string;
  /** Starts it with as many workers, each of which runs one task at a time. */
  open(workers: number): Promise<Session>;
}
