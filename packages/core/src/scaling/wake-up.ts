/** The longest time that a Node timer takes, in ms. */
const LONGEST_MS = 2 ** 31 - 1;

/** One timer for several wishes: it goes off at the earliest, and does not keep the process alive. */
export class WakeUp {
  readonly #wake: () => void;
  #timer: NodeJS.Timeout | undefined;
  #at = Infinity;

  constructor(wake: () => void) {
    this.#wake = wake;
  }

  /** Goes off at `at` at the latest, on the clock of `performance.now()`. `Infinity` changes nothing. */
  by(at: number): void {
    if (at >= this.#at) {
      return;
    }
    clearTimeout(this.#timer);
    this.#at = at;
    const delay = Math.min(Math.max(0, Math.ceil(at - performance.now())), LONGEST_MS);
    this.#timer = setTimeout(() => {
      this.#at = Infinity;
      this.#wake();
    }, delay).unref();
  }

  /** Forgets all wishes. */
  cancel(): void {
    clearTimeout(this.#timer);
    this.#at = Infinity;
  }
}
