import { ToInterchange } from '../link/link-protocol.js';
import { cancellationMessages } from './cancellation-messages.js';
import type { LinkHolder } from './link-holder.js';
import type { TaskSender } from './task-sender.js';

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
    // Those of which the last word has come meanwhile need not be stopped.
    const wanted = unsent.filter((submission) => this.reasons.has(submission));
    const reasons = wanted.map((submission) => [submission, this.reasons.get(submission)] as const);
    for (const message of cancellationMessages(reasons)) {
      this.client.link.sendControlInLine(ToInterchange.cancel, message);
    }
  }
}
