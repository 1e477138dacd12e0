import { appendFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

/** What one task does. */
export interface Work {
  readonly id: number;
  /** Keeps its worker's event loop busy for so long, in ms. */
  readonly spinMs: number;
  /** Waits for so long, in ms. */
  readonly waitMs: number;
  readonly payload: Uint8Array;
  /** The beginning of the names of the files in which workers note what they start. */
  readonly notes: string;
}

/** What it gives. */
export interface Done {
  readonly id: number;
  /** That of the work, turned round. */
  readonly payload: Uint8Array;
}

/** Notes that it has started, works, and tells what it has done. */
export const work = async ({ id, spinMs, waitMs, payload, notes }: Work): Promise<Done> => {
  appendFileSync(`${notes}${process.pid}`, `${id}\n`);
  const end = performance.now() + spinMs;
  while (performance.now() < end);
  if (waitMs > 0) await setTimeout(waitMs);
  return { id, payload: payload.toReversed() };
};

/** Draws the work of task `id`: most take next to no time, some are long, some are large. */
export function drawWork(id: number, notes: string, random: () => number): Work {
  const kind = random();
  const bytes = kind > 0.98 ? Math.floor(random() * 100_000) : Math.floor(random() * 50);
  return {
    id,
    spinMs: kind < 0.05 ? random() * 2 : 0,
    waitMs: kind > 0.05 && kind < 0.051 ? 5 + random() * 45 : 0,
    payload: Uint8Array.from({ length: bytes }, (_, index) => (id + index) % 251),
    notes,
  };
}
