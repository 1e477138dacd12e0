import type { Logger } from '../executor.js';

/** What a {@link FaultLog} says. */
export interface FaultWords {
  /** When it begins to fail. */
  readonly failing: string;
  /** When it works again. */
  readonly working: string;
}

/**
 * Logs that something which is tried again and again fails: as a warning when that begins and when the reason changes, and
 * otherwise for those who want every detail. Says when it works again.
 */
export class FaultLog {
  readonly #logger: Logger;
  readonly #words: FaultWords;
  #reason: string | undefined;

  constructor(logger: Logger, words: FaultWords) {
    this.#logger = logger;
    this.#words = words;
  }

  /**
   * It failed.
   *
   * @param reason told apart by this; the same in each try that fails alike
   */
  failed(fields: Record<string, unknown>, reason: string): void {
    const level = reason === this.#reason ? 'debug' : 'warn';
    this.#reason = reason;
    this.#logger[level]({ ...fields, error: reason }, this.#words.failing);
  }

  /** It worked. */
  worked(): void {
    if (this.#reason !== undefined) {
      this.#logger.info({}, this.#words.working);
    }
    this.#reason = undefined;
  }
}
