import { openSync, writeSync } from 'node:fs';

import { printable } from '@parsl-ts/wire';

/** How many lines of one kind are written in a minute; the rest is counted. */
const LINES_PER_MINUTE = 60;

/**
 * A log of JSON lines. Writes at once and synchronously: its lines are few, and the last one before the end is the one
 * that matters. A peer that makes noise cannot fill the disk with it.
 */
export class JsonLog {
  /** Open from the start: when descriptors have run out, the log must still say so. `undefined`: it cannot be opened. */
  private readonly fd: number | undefined;
  private readonly counts = new Map<string, number>();
  private minute = 0;

  constructor(file: string) {
    try {
      this.fd = openSync(file, 'a');
    } catch {
      // A full disk or a directory that was removed must not end a run.
    }
  }

  write(level: 'info' | 'warn' | 'error', message: string, fields: Record<string, unknown> = {}): void {
    const now = Date.now();
    if (Math.floor(now / 60_000) !== this.minute) this.startMinute(now);
    const count = (this.counts.get(message) ?? 0) + 1;
    this.counts.set(message, count);
    if (count > LINES_PER_MINUTE) return;
    this.append({ time: new Date(now).toISOString(), level, ...fields, message });
  }

  private startMinute(now: number): void {
    this.minute = Math.floor(now / 60_000);
    for (const [message, count] of this.counts) {
      const dropped = count - LINES_PER_MINUTE;
      if (dropped <= 0) continue;
      this.append({
        time: new Date(now).toISOString(),
        level: 'warn',
        dropped,
        message: `more of: ${message}`,
      });
    }
    this.counts.clear();
  }

  private append(line: object): void {
    if (this.fd === undefined) return;
    try {
      writeSync(this.fd, `${printable(JSON.stringify(line))}\n`);
    } catch {
      // The same.
    }
  }
}
