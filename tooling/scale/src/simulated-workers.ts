import type { PackedRecord } from '@parsl-ts/wire';

/** A task that a simulated worker has, or will have. Times in ms. */
interface Run {
  readonly record: PackedRecord;
  readonly startsAt: number;
  readonly endsAt: number;
}

/** The workers of one simulated manager: each runs one task at a time, first come first served, and all take as long. */
export class SimulatedWorkers {
  private readonly workers: number;
  private readonly answerMs: number;
  /** In the order in which they start, and so in that in which they end. */
  private runs: Run[] = [];

  /** @param answerMs How long every task takes, in ms. */
  constructor(workers: number, answerMs: number) {
    this.workers = workers;
    this.answerMs = answerMs;
  }

  give(records: readonly PackedRecord[], now: number): void {
    for (const record of records) {
      // As many before it as there are workers: it starts when the first of those has ended.
      const startsAt = Math.max(now, this.runs.at(-this.workers)?.endsAt ?? now);
      this.runs.push({ record, startsAt, endsAt: startsAt + this.answerMs });
    }
  }

  /** Takes out what has ended by now. */
  ended(now: number): PackedRecord[] {
    const first = this.runs.findIndex(({ endsAt }) => endsAt > now);
    const count = first === -1 ? this.runs.length : first;
    return this.runs.splice(0, count).map(({ record }) => record);
  }

  /** Takes out up to so many that have not started, the last ones. */
  takeBack(count: number, now: number): PackedRecord[] {
    const started = this.runs.filter(({ startsAt }) => startsAt <= now).length;
    return this.runs.splice(Math.max(started, this.runs.length - count)).map(({ record }) => record);
  }

  /** When the next task ends, or `undefined` when there is none. */
  get nextEnd(): number | undefined {
    return this.runs[0]?.endsAt;
  }
}
