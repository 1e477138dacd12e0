/** How many bytes of large arguments are outstanding. Small ones are bounded by the number of tasks. */
export class PayloadBytes {
  private readonly bySubmission = new Map<number, number>();
  private sum = 0;

  get total(): number {
    return this.sum;
  }

  add(submission: number, bytes: number): void {
    this.bySubmission.set(submission, bytes);
    this.sum += bytes;
  }

  /** The submission is settled. Costs nothing when no arguments are large. */
  remove(submission: number): void {
    if (this.sum === 0) return;
    this.sum -= this.bySubmission.get(submission) ?? 0;
    this.bySubmission.delete(submission);
  }

  clear(): void {
    this.bySubmission.clear();
    this.sum = 0;
  }
}
