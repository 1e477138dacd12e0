import { closeSync } from 'node:fs';

import { openMemoryFile } from '@parsl-ts/wire';

import { AssignmentJournal } from '../link/assignment-journal.js';

/** The files of an {@link AssignmentJournal}, which outlive the interchange that writes them. */
export class JournalFiles {
  readonly descriptors: readonly [number, number];
  private closed = false;

  /**
   * @param directory where they are made if the host has no files in memory
   * @throws Error of the system when they cannot be made, or not be written
   */
  constructor(directory: string) {
    this.descriptors = [openMemoryFile(directory), openMemoryFile(directory)];
    this.open();
  }

  /** As it stands now. */
  open(): AssignmentJournal {
    return new AssignmentJournal(this.descriptors);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const descriptor of this.descriptors) closeSync(descriptor);
  }
}
