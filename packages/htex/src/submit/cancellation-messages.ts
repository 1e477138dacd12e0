import { inspect } from 'node:util';

import { TaskCancelledError } from '@parsl-ts/core';
import type { Cancellation } from '@parsl-ts/wire';

/** Submissions in one message. */
const PER_MESSAGE = 10_000;
/** Reasons in one message, in UTF-16 units: with the submissions, less than a control message may have. */
const REASONS_PER_MESSAGE = 64 * 1024;
/** Longer reasons lose their end. In UTF-16 units. */
const MAX_REASON = 4096;

/** What the interchange is to be told, message by message: submissions that have the same reason together. */
export function cancellationMessages(reasons: Iterable<readonly [number, unknown]>): Cancellation[][] {
  const messages: Cancellation[][] = [];
  let message: Cancellation[] = [];
  let [submissions, units] = [0, 0];
  for (const each of groups(reasons)) {
    submissions += each.submissions.length;
    units += each.reason.length;
    if (message.length === 0 || submissions > PER_MESSAGE || units > REASONS_PER_MESSAGE) {
      messages.push((message = []));
      [submissions, units] = [each.submissions.length, each.reason.length];
    }
    message.push(each);
  }
  return messages;
}

/** Each with as many submissions as a message takes at most. */
function* groups(reasons: Iterable<readonly [number, unknown]>): Generator<Cancellation> {
  const byText = new Map<string, number[]>();
  for (const [submission, reason] of reasons) {
    const text = reasonText(reason);
    const same = byText.get(text);
    if (same === undefined) byText.set(text, [submission]);
    else same.push(submission);
  }
  for (const [reason, same] of byText) {
    for (let start = 0; start < same.length; start += PER_MESSAGE) {
      yield { submissions: same.slice(start, start + PER_MESSAGE), reason };
    }
  }
}

/**
 * What the function's signal says: the reason as it was given, without the name of its task, so that many tasks that were
 * cancelled for one reason have one. The task itself fails with what the kernel made of it.
 */
function reasonText(reason: unknown): string {
  const given = reason instanceof TaskCancelledError ? reason.cause : reason;
  if (given === undefined) return 'cancelled';
  try {
    const said: unknown = given instanceof Error ? given.message : given;
    return (typeof said === 'string' ? said : inspect(said)).slice(0, MAX_REASON);
  } catch {
    // A getter or the trap of a proxy, or what the object has itself shown by.
    return 'cancelled for a reason that cannot be shown';
  }
}
