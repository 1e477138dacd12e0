import { taskField, type PackedRecord } from '@parsl-ts/wire';

/**
 * Tasks that managers of an earlier interchange may have. The submit process sends all of them again; they are not given to
 * anybody as long as their managers may say that they have them.
 */
export class KeptTasks {
  /** `coming`: it has not been sent again yet. `claimed`: it has not, and is not needed when it is. */
  private readonly tasks = new Map<number, PackedRecord | 'coming' | 'claimed'>();

  /** A manager is expected that may have this task. */
  expect(submission: number): void {
    this.tasks.set(submission, 'coming');
  }

  /** A task has been sent. Tells whether it was one of these, and is not to be given to anybody now. */
  take(record: PackedRecord): boolean {
    if (this.tasks.size === 0) return false;
    const submission = taskField.submission(record);
    const known = this.tasks.get(submission);
    if (known === 'coming') this.tasks.set(submission, record);
    else if (known === 'claimed') this.tasks.delete(submission);
    return known !== undefined;
  }

  /** Its manager has it, or it has ended. */
  claim(submission: number): void {
    if (this.tasks.size === 0) return;
    const known = this.tasks.get(submission);
    if (known === 'coming') this.tasks.set(submission, 'claimed');
    else if (known !== 'claimed') this.tasks.delete(submission);
  }

  /**
   * Its manager does not have it.
   *
   * @returns the task; `coming` if it will be sent like a new one; `undefined` if it is not one of these
   */
  release(submission: number): PackedRecord | 'coming' | undefined {
    const known = this.tasks.get(submission);
    if (known === 'claimed') return undefined;
    this.tasks.delete(submission);
    return known;
  }
}
