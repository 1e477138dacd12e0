/** Answers that one peer gets within a second to what it should not have said. One that means well needs two or three. */
const ANSWERS = 20;
const SECOND_MS = 1000;

/**
 * How often a peer may be told that it is not known or not welcome. One that sends a stream of such messages and reads
 * nothing would fill the memory of the interchange with its answers.
 */
export class SparingAnswers {
  private readonly given = new Map<string, number>();
  private since = -Infinity;

  /** Whether the peer may have one more answer at this time, in ms. */
  allows(id: string, now: number): boolean {
    if (now - this.since >= SECOND_MS) {
      this.given.clear();
      this.since = now;
    }
    const count = (this.given.get(id) ?? 0) + 1;
    if (count > ANSWERS) return false;
    this.given.set(id, count);
    return true;
  }
}
