import { type HeldTask } from './held-task.js';
import { type Instruction } from './protocol.js';
import { type WorkerSlot } from './worker-slot.js';

/** How long a function may take to heed its signal before its worker is killed, in ms. */
const TIMEOUT_GRACE_MS = 100;
const CANCEL_GRACE_MS = 500;

/** Stops functions: by their signal first, then by force. */
export class Stopper {
  private readonly emit: (instruction: Instruction) => void;

  constructor(emit: (instruction: Instruction) => void) {
    this.emit = emit;
  }

  /** Stops the task at the head of the slot if it was cancelled. */
  heedCancellation(slot: WorkerSlot, now: number): void {
    const [head] = slot.given;
    if (head?.cancelled === undefined) return;
    this.stop(slot, head, false, head.cancelled, now + CANCEL_GRACE_MS);
  }

  /** Stops the task at the head of the slot if it has run for too long, and kills its worker if that did not help. */
  heedTime(slot: WorkerSlot, now: number): void {
    const [head] = slot.given;
    if (head === undefined) return;
    if (head.timeoutMs > 0 && now - slot.headSince >= head.timeoutMs) {
      const reason = `timeoutMs of ${String(head.timeoutMs)} exceeded`;
      this.stop(slot, head, true, reason, now + TIMEOUT_GRACE_MS);
    }
    if (slot.stopping !== undefined && now >= slot.stopping.killAt) this.kill(slot);
  }

  kill(slot: WorkerSlot): void {
    if (slot.state !== 'ready') return;
    slot.state = 'ending';
    this.emit({ type: 'kill', rank: slot.rank });
  }

  private stop(slot: WorkerSlot, task: HeldTask, timeout: boolean, reason: string, killAt: number): void {
    if (slot.stopping !== undefined) return;
    slot.stopping = { timeout, killAt };
    this.emit({ type: 'abort', rank: slot.rank, abort: { submission: task.submission, reason, timeout } });
  }
}
