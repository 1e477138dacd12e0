/** Whole numbers that are the same for the same seed (xorshift32). Faster than what gives fractions. */
export class RandomBits {
  private state: number;

  constructor(seed: number) {
    // 0 would stay 0.
    this.state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  }

  /** A number from 0 to 2^32 - 1. */
  next(): number {
    let { state } = this;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.state = state;
    return state >>> 0;
  }

  /** A number from 0 to below `limit`; 0 if that is 0. */
  below(limit: number): number {
    return limit === 0 ? 0 : this.next() % limit;
  }
}
