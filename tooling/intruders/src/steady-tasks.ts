/** Tasks that are outstanding at a time. */
const AHEAD = 1000;

/** Keeps a number of tasks outstanding, and counts those that have ended. */
export class SteadyTasks {
  done = 0;
  private readonly run: () => PromiseLike<unknown>;
  private isEnding = false;
  private outstanding = 0;
  private wake: (() => void) | undefined;

  constructor(run: () => PromiseLike<unknown>) {
    this.run = run;
    for (let each = 0; each < AHEAD; each++) this.start();
  }

  /** Resolves when a task ends. */
  next(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve));
  }

  async end(): Promise<void> {
    this.isEnding = true;
    while (this.outstanding > 0) await this.next();
  }

  private start(): void {
    this.outstanding++;
    this.run().then(this.onEnd, this.onEnd);
  }

  private readonly onEnd = (): void => {
    this.outstanding--;
    this.done++;
    this.wake?.();
    if (!this.isEnding) this.start();
  };
}
