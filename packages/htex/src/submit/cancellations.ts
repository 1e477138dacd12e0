import { inspect } from 'node:util';

import { ToInterchange } from '../link/link-protocol.js';
import type { LinkHolder } from './link-holder.js';
import type { TaskSender } from './task-sender.js';

/** Cancellations in one message. */
const PER_MESSAGE = 10_000;

/** Has submissions dropped or stopped, and remembers why until their last word comes. */
export class Cancellations {
  private readonly client: LinkHolder;
  private readonly sender: TaskSender;
  private readonly reasons = new Map<number, unknown>();
  private unsent: number[] = [];

  constructor(client: LinkHolder, sender: TaskSender) {
    this.client = client;
    this.sender = sender;
  }

  add(submission: number, reason: unknown): void {
    if (this.reasons.has(submission)) return;
    this.reasons.set(submission, reason);
    if (this.unsent.push(submission) === 1) setImmediate(() => this.flush());
  }

  /** Why the submission was cancelled, if it was; forgotten then. */
  take(submission: number): { readonly reason: unknown } | undefined {
    if (this.reasons.size === 0 || !this.reasons.has(submission)) return undefined;
    const reason = this.reasons.get(submission);
    this.reasons.delete(submission);
    return { reason };
  }

  /** To an interchange that replaces the one before. */
  sendAgain(): void {
    this.unsent = [...this.reasons.keys()];
    this.flush();
  }

  private flush(): void {
    // The interchange must know a task before it can drop it.
    this.sender.flush();
    const unsent = this.unsent;
    this.unsent = [];
    for (let start = 0; start < unsent.length; start += PER_MESSAGE) {
      const submissions = unsent.slice(start, start + PER_MESSAGE);
      const reason = reasonText(this.reasons.get(submissions[0] ?? -1));
      this.client.link.sendControlInLine(ToInterchange.cancel, { submissions, reason });
    }
  }
}

/** What the function's signal says; the task itself fails with the reason as it was given. */
function reasonText(reason: unknown): string {
  if (reason === undefined) return 'cancelled';
  const text = reason instanceof Error ? reason.message : inspect(reason);
  return text.slice(0, 4096);
}
