const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 300_000;

/**
 * Slows submission down while it does no good, so that a scheduler that refuses jobs, or a cluster on which every block
 * dies at once, is not flooded. The delay doubles with each failure, of which those that come together count as one, and
 * has a random part, so that many runs that failed together do not come back together.
 */
export class BackOff {
  readonly #random: () => number;
  #failures = 0;
  #until = 0;

  /** @param random gives a number from 0 to 1 */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Whether the last thing tried failed: then one is tried at a time. */
  get failing(): boolean {
    return this.#failures > 0;
  }

  /** The moment before which nothing is to be tried, on the clock that {@link failed} was told. */
  get until(): number {
    return this.#until;
  }

  /** Something failed. During a delay that is of no further account: it was tried before that. */
  failed(now: number): void {
    if (now < this.#until) {
      return;
    }
    const delay = Math.min(FIRST_DELAY_MS * 2 ** Math.min(this.#failures, 20), LONGEST_DELAY_MS);
    this.#failures++;
    this.#until = now + delay * (0.5 + this.#random() / 2);
  }

  succeeded(): void {
    this.#failures = 0;
    this.#until = 0;
  }
}
