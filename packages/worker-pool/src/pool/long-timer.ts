/** Node.js waits no longer than this, in ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Calls a function once after any time, which may be infinite. */
export class LongTimer {
  private readonly call: () => void;
  private timer: NodeJS.Timeout | undefined;

  constructor(ms: number, call: () => void) {
    this.call = call;
    if (ms < Infinity) this.wait(ms);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private wait(ms: number): void {
    const step = Math.min(Math.max(0, ms), LONGEST_TIMER_MS);
    this.timer = setTimeout(() => (ms > step ? this.wait(ms - step) : this.call()), step);
  }
}
