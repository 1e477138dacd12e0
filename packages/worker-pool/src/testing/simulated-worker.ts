import { Codec, packControl, ResultStatus, taskField, writeResult, type PackedRecord } from '@parsl-ts/wire';

/** What a simulated worker has written and its manager has not read. */
export type Written =
  | { readonly type: 'ready' }
  | { readonly type: 'result'; readonly record: PackedRecord }
  | { readonly type: 'dropped'; readonly leaseUntil: number };

interface Given {
  readonly submission: number;
  readonly leaseUntil: number;
}

/** Keeps the worker's side of the lease protocol in simulated time: write, look at the clock, start. */
export class SimulatedWorker {
  readonly unread: Written[] = [{ type: 'ready' }];
  alive = true;
  /** The submission that it had to start and has begun with last. */
  begun = NaN;
  running: { readonly submission: number; readonly startedAt: number; readonly endsAt: number } | undefined;
  private waiting: Given[] = [];
  private readonly durationMs: (submission: number) => number;
  private readonly onStart: (submission: number) => void;

  constructor(durationMs: (submission: number) => number, onStart: (submission: number) => void) {
    this.durationMs = durationMs;
    this.onStart = onStart;
  }

  give(records: readonly PackedRecord[], leaseUntil: number): void {
    for (const record of records) this.waiting.push({ submission: taskField.submission(record), leaseUntil });
  }

  /** Lives on until `now`. */
  advance(now: number): void {
    while (this.alive) {
      if (this.running !== undefined) {
        if (this.running.endsAt > now) return;
        const { submission, startedAt, endsAt } = this.running;
        this.running = undefined;
        this.unread.push({ type: 'result', record: success(submission, 1000 * (endsAt - startedAt)) });
        if (!this.startNext(endsAt)) return;
      } else if (!this.startNext(now)) return;
    }
  }

  private startNext(now: number): boolean {
    const next = this.waiting.shift();
    if (next === undefined) return false;
    if (now < next.leaseUntil) {
      this.onStart(next.submission);
      if (next.leaseUntil === Infinity) this.begun = next.submission;
      this.running = {
        submission: next.submission,
        startedAt: now,
        endsAt: now + this.durationMs(next.submission),
      };
      return true;
    }
    this.waiting = this.waiting.filter((task) => task.leaseUntil > next.leaseUntil);
    this.unread.push({ type: 'dropped', leaseUntil: next.leaseUntil });
    return true;
  }
}

function success(submission: number, runtimeUs: number): PackedRecord {
  const payload = { codec: Codec.msgpack, bytes: packControl({}) };
  return writeResult(submission, ResultStatus.succeeded, runtimeUs, payload, false);
}
