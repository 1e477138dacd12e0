/** Functions of which outcomes on one manager are remembered: the latest ones. */
const MAX_FUNCTIONS = 64;
/** Outcomes of one function on one manager that are remembered: with more, all count half. */
const RECENT = 128;

/** A function that runs where it does not belong to one manager alone. */
export class FunctionOutcomes {
  /** Sums of what all managers remember. */
  succeeded = 0;
  failed = 0;
  /** Tries that run and were reported as running, the oldest first. */
  readonly running = new Map<number, { readonly on: ManagerOutcomes; readonly since: number }>();
}

/** What became of one function on one manager, as far as it is remembered. */
export class Tally {
  readonly functionIndex: number;
  readonly everywhere: FunctionOutcomes;
  succeeded = 0;
  failed = 0;
  /** The longest that a try ran before it failed, in µs. */
  slowestUs = 0;

  constructor(functionIndex: number, everywhere: FunctionOutcomes) {
    this.functionIndex = functionIndex;
    this.everywhere = everywhere;
  }

  addSuccess(): void {
    this.succeeded++;
    this.everywhere.succeeded++;
    if (this.succeeded + this.failed > RECENT) this.scale(0.5);
  }

  addFailure(runtimeUs: number): void {
    this.failed++;
    this.everywhere.failed++;
    this.slowestUs = Math.max(this.slowestUs, runtimeUs);
    if (this.succeeded + this.failed > RECENT) this.scale(0.5);
  }

  /** Lets what is remembered count for so much of what it did; 0 forgets it. */
  scale(factor: number): void {
    const { everywhere } = this;
    everywhere.succeeded -= this.succeeded * (1 - factor);
    everywhere.failed -= this.failed * (1 - factor);
    this.succeeded *= factor;
    this.failed *= factor;
  }
}

/** What became of the tasks of one manager lately. */
export class ManagerOutcomes {
  readonly tallies = new Map<number, Tally>();
  /** Tries of it that were reported as running, and their functions. */
  readonly running = new Map<number, FunctionOutcomes>();
  /** It has been found bad: what happens on it says nothing of functions. */
  isHeld = false;
  /** Results come many of one function at a time. */
  private last: Tally | undefined;

  /** @param everywhere gives the function's outcomes on all managers */
  tally(functionIndex: number, everywhere: (functionIndex: number) => FunctionOutcomes): Tally {
    const { last } = this;
    if (last?.functionIndex === functionIndex) return last;
    let tally = this.tallies.get(functionIndex);
    if (tally === undefined) {
      tally = new Tally(functionIndex, everywhere(functionIndex));
      this.tallies.set(functionIndex, tally);
      if (this.tallies.size > MAX_FUNCTIONS) this.forgetOldest();
    }
    this.last = tally;
    return tally;
  }

  /** A try has ended, or is not heard of any more. */
  ended(submission: number): void {
    const fn = this.running.get(submission);
    if (fn === undefined) return;
    this.running.delete(submission);
    fn.running.delete(submission);
  }

  /** The manager is gone. */
  forget(): void {
    for (const tally of this.tallies.values()) tally.scale(0);
    for (const [submission, fn] of this.running) fn.running.delete(submission);
    this.tallies.clear();
    this.running.clear();
    this.last = undefined;
  }

  private forgetOldest(): void {
    for (const [functionIndex, tally] of this.tallies) {
      tally.scale(0);
      this.tallies.delete(functionIndex);
      return;
    }
  }
}
