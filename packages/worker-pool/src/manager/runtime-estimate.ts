/** Weight of the newest runtime. */
const GAIN = 1 / 16;

/**
 * How long a function will probably run: a moving average and, as for the retransmission timer of TCP, a moving mean
 * deviation, so that one long run counts for a while without being believed for ever.
 */
export class RuntimeEstimate {
  private mean = 0;
  private deviation = 0;
  private known = false;

  /** In µs; infinite as long as nothing is known. */
  get expectedUs(): number {
    return this.known ? this.mean + 2 * this.deviation : Infinity;
  }

  /** Average in µs; `undefined` as long as nothing is known. */
  get meanUs(): number | undefined {
    return this.known ? this.mean : undefined;
  }

  observe(runtimeUs: number): void {
    if (!this.known) {
      this.known = true;
      this.mean = runtimeUs;
      this.deviation = runtimeUs / 2;
      return;
    }
    const error = runtimeUs - this.mean;
    this.mean += GAIN * error;
    this.deviation += GAIN * (Math.abs(error) - this.deviation);
  }

  /** A run that has not ended has taken this long: believed at once, since nothing is heard until it ends. */
  observeAtLeast(elapsedUs: number): void {
    if (this.known && this.mean >= elapsedUs) return;
    this.known = true;
    this.mean = elapsedUs;
    this.deviation = elapsedUs / 2;
  }
}
