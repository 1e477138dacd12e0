/** Tasks that are remembered; those of the managers that were given up first are forgotten. */
const MOST_TASKS = 2 ** 20;

/** What managers held that were given up. They may have been stopped only for a while, and come back with results. */
export class GivenUp {
  private readonly byManager = new Map<string, ReadonlySet<number>>();
  private tasks = 0;

  /** @param submissions by which the manager knows the tasks */
  remember(manager: string, submissions: ReadonlySet<number>): void {
    this.take(manager);
    this.byManager.set(manager, submissions);
    this.tasks += submissions.size;
    for (const oldest of this.byManager.keys()) {
      if (this.tasks <= MOST_TASKS) break;
      this.take(oldest);
    }
  }

  /** What it held when it was given up; forgotten then. */
  take(manager: string): ReadonlySet<number> {
    const submissions = this.byManager.get(manager) ?? new Set();
    this.byManager.delete(manager);
    this.tasks -= submissions.size;
    return submissions;
  }
}
