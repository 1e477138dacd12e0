import type { Instruction } from './instruction.js';
import type { Manager } from './manager.js';
import type { TaskEnds } from './task-ends.js';

/** Has those submissions stopped that the manager holds. `reasons`: why, of these and others. */
export function* stopHeld(
  manager: Manager,
  reasons: ReadonlyMap<number, string>,
  ends: TaskEnds,
): Generator<Instruction> {
  const byReason = new Map<string, number[]>();
  const fewer = manager.held.size < reasons.size ? manager.held : reasons.keys();
  for (const submission of fewer) {
    const reason = reasons.get(submission);
    if (reason === undefined || !manager.held.has(submission)) continue;
    ends.cancel(submission, reason);
    const name = manager.nameOf(submission);
    const same = byReason.get(reason);
    if (same === undefined) byReason.set(reason, [name]);
    else same.push(name);
  }
  for (const [reason, submissions] of byReason) {
    yield { do: 'send-cancel', to: manager.id, submissions, reason };
  }
}
