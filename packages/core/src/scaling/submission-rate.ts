import type { ExecutionProvider } from '@parsl-ts/provider';

const MINUTE_MS = 60_000;

/** One for each provider: it may serve several executors and kernels. */
const rates = new WeakMap<ExecutionProvider, SubmissionRate>();

/** How many blocks may be submitted within any minute. Pure: it is told what time it is, in ms. */
export class SubmissionRate {
  readonly #limit: number;
  /** When the last ones were submitted, at most `#limit` of them, oldest first. */
  readonly #times: number[] = [];

  /** @param limit submissions within any minute, at least 1; `undefined`: no limit */
  constructor(limit: number | undefined) {
    this.#limit = limit ?? Infinity;
  }

  /** The rate that all share who submit through this provider. */
  static of(provider: ExecutionProvider): SubmissionRate {
    const known = rates.get(provider);
    const rate = known ?? new SubmissionRate(provider.blocks.maxSubmissionsPerMinute);
    rates.set(provider, rate);
    return rate;
  }

  /** How many may be submitted now. */
  allowed(now: number): number {
    while (this.#times.length > 0 && (this.#times[0] ?? now) <= now - MINUTE_MS) {
      this.#times.shift();
    }
    return this.#limit - this.#times.length;
  }

  /** The moment before which none may be submitted; not after `now` if one may be. */
  until(now: number): number {
    return this.allowed(now) > 0 ? now : (this.#times[0] ?? now) + MINUTE_MS;
  }

  /** One was submitted, or was tried to be. */
  submitted(now: number): void {
    if (this.#limit < Infinity) {
      this.#times.push(now);
    }
  }
}
