const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 10_000;
/** Failures in a row, for each worker of the pool, after which no start is tried any more. */
const HOPELESS_AFTER = 4;

/** Spaces out starts of workers that die before they are ready, and gives up when none ever gets ready. */
export class StartPolicy {
  private failures = 0;

  succeeded(): void {
    this.failures = 0;
  }

  /** After how many ms to try again; `undefined` when there is no hope. */
  failed(workers: number): number | undefined {
    this.failures++;
    if (this.failures >= HOPELESS_AFTER * workers) return undefined;
    const rounds = Math.floor((this.failures - 1) / workers);
    return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** rounds);
  }
}
