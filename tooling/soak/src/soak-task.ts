import { appendFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

/** What a task is there for. */
export type Kind =
  | 'works'
  /** Throws an error of its own. */
  | 'throws'
  /** Is cancelled while it waits or runs. */
  | 'cancelled'
  /** Takes longer than its time limit. */
  | 'late'
  /** Ends its worker. */
  | 'exits'
  /** Fills the heap of its worker. */
  | 'oom';

/** What one task does. */
export interface SoakTask {
  readonly id: number;
  readonly kind: Kind;
  /** Keeps its worker's event loop busy for so long, in ms. */
  readonly spinMs: number;
  /** Waits for so long, in ms. */
  readonly waitMs: number;
  readonly payload: Uint8Array;
  /** The beginning of the names of the files in which workers note what they start. */
  readonly notes: string;
}

/** What it gives: the payload turned round. */
export interface SoakDone {
  readonly id: number;
  readonly payload: Uint8Array;
}

/** Notes that it has started, and does what its kind says. */
export const soakTask = async ({ id, kind, spinMs, waitMs, payload, notes }: SoakTask): Promise<SoakDone> => {
  appendFileSync(`${notes}${process.pid}`, `${id}\n`);
  if (kind === 'throws') throw Object.assign(new Error(`task ${id} throws`), { code: 'SOAK', id });
  if (kind === 'exits') process.exit(3);
  if (kind === 'oom') {
    const kept: unknown[] = [];
    for (;;) kept.push(new Array(100_000).fill(kept.length + 0.5));
  }
  const end = performance.now() + spinMs;
  while (performance.now() < end);
  if (waitMs > 0) await setTimeout(waitMs);
  return { id, payload: payload.toReversed() };
};

/** Time limit of tasks that are late, in ms. */
export const LATE_MS = 150;

/** Draws the task `id`: most take next to no time, some take seconds; most are small, some have megabytes. */
export function drawTask(id: number, notes: string, random: () => number): SoakTask {
  const kind = drawKind(random());
  const length = random();
  const size = random();
  const bytes = size > 0.999 ? 2_000_000 * random() : size > 0.97 ? 100_000 * random() : 50 * random();
  const work = kind === 'works' || kind === 'cancelled';
  return {
    id,
    kind,
    spinMs: work && length < 0.08 ? 2 * random() : 0,
    waitMs: kind === 'late' ? 60_000 : work ? drawWait(length, random) : 0,
    payload: payloadOf(id, kind === 'works' ? Math.floor(bytes) : 0),
    notes,
  };
}

function drawKind(random: number): Kind {
  if (random > 0.996) return 'throws';
  if (random > 0.99) return 'cancelled';
  return random > 0.9899 ? 'late' : 'works';
}

function drawWait(length: number, random: () => number): number {
  if (length > 0.9985) return 200 + 1800 * random();
  return length > 0.97 ? 5 + 45 * random() : 0;
}

/** Bytes that tell whose they are. */
export function payloadOf(id: number, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => (id + index) % 251);
}
