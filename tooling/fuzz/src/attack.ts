import { setImmediate } from 'node:timers/promises';
import { createContext, Script } from 'node:vm';

import type { Figures } from './figures.js';
import { memoryInUse } from './memory-in-use.js';
import { mutate } from './mutate.js';
import { prototypes } from './prototypes.js';
import { RandomBits } from './random-bits.js';

/** Something that reads bytes which somebody else has written. */
export interface Target {
  /** What is read, for the table. */
  readonly name: string;
  /** Frames as they should be, to be mutated. At least one. */
  readonly frames: readonly Buffer[];
  /** Reads a frame. Whatever it throws beside an error by which it refuses frames is a finding. */
  readonly read: (frame: Buffer) => void;
  /** Whether that is how it refuses a frame. */
  readonly isRefusal: (error: unknown) => boolean;
}

/** How a target is attacked. */
export interface AttackOptions {
  /** Mutated frames. */
  readonly frames: number;
  readonly seed: number;
  /**
   * Time that one frame may take, in ms, the quickest of three times.
   *
   * @default 1000
   */
  readonly maxMs?: number;
  /**
   * Memory that may be in use beyond what was after a tenth of the frames, in bytes.
   *
   * @default 8 MiB; 64 MiB in short runs, where what the engine compiles and caches on the way weighs more
   */
  readonly maxGrowthBytes?: number;
  /**
   * Time after which code that runs without an end is stopped, in ms. Counts for some hundred frames together.
   *
   * @default 20000
   */
  readonly hangMs?: number;
}

/** A frame did what none may do. */
export class FuzzError extends Error {
  /** The frame at fault, or the last one before it was noticed. */
  readonly frame: Buffer;

  constructor(what: string, frame: Buffer, options: { readonly cause?: unknown } = {}) {
    super(`${what}; the frame was ${frame.subarray(0, 4096).toString('hex')}`, options);
    this.name = 'FuzzError';
    this.frame = frame;
  }
}

/** Frames without a turn of the event loop, after which prototypes are looked at, and whose time is watched together. */
const BATCH = 500;

/**
 * Gives a target mutated frames, one after the other.
 *
 * Rejects with a `FuzzError` when one of them does what none may do: it throws another error than a refusal, takes too
 * long, does not end, changes a prototype, or memory is not given back.
 */
export async function attack(target: Target, options: AttackOptions): Promise<Figures> {
  const { frames, seed, maxMs = 1000, maxGrowthBytes = usualGrowth(frames), hangMs = 20_000 } = options;
  const attacker = new Attacker(target, seed, maxMs, hangMs);
  const begin = performance.now();
  await attacker.run(Math.ceil(frames / 10));
  const memory = memoryInUse();
  await attacker.run(frames - attacker.count);
  const growthBytes = memoryInUse() - memory;
  const seconds = (performance.now() - begin) / 1000;
  const { name } = target;
  const { count, refused, slowestMs, last } = attacker;
  if (growthBytes > maxGrowthBytes) {
    throw new FuzzError(
      `${name}: ${growthBytes} bytes are still in use after ${count} frames, seed ${seed}`,
      last,
    );
  }
  return { name, frames: count, accepted: count - refused, refused, seconds, growthBytes, slowestMs };
}

/** Frames from which on a run is long. */
const MANY_FRAMES = 50_000;

function usualGrowth(frames: number): number {
  return (frames < MANY_FRAMES ? 64 : 8) * 2 ** 20;
}

class Attacker {
  count = 0;
  refused = 0;
  slowestMs = 0;
  last: Buffer = Buffer.alloc(0);
  private readonly target: Target;
  private readonly where: string;
  private readonly maxMs: number;
  private readonly hangMs: number;
  private readonly random: RandomBits;
  private readonly before = prototypes();
  private left = 0;
  /** Node.js ends code that takes too long only where it was started like this. */
  private readonly context = createContext({ batch: () => this.batch() });
  private readonly script = new Script('batch()');

  constructor(target: Target, seed: number, maxMs: number, hangMs: number) {
    this.target = target;
    this.where = `${target.name}, seed ${seed}`;
    this.maxMs = maxMs;
    this.hangMs = hangMs;
    this.random = new RandomBits(seed);
  }

  async run(frames: number): Promise<void> {
    for (let left = frames; left > 0; left -= BATCH) {
      this.left = Math.min(BATCH, left);
      try {
        this.script.runInContext(this.context, { timeout: this.hangMs });
      } catch (error) {
        if (error instanceof FuzzError) throw error;
        throw new FuzzError(`${this.where}: frame ${this.count} does not end`, this.last, { cause: error });
      }
      const after = prototypes();
      if (after.length !== this.before.length || after.some((each, index) => each !== this.before[index])) {
        throw new FuzzError(`${this.where}: a prototype was changed before frame ${this.count}`, this.last);
      }
      // What was put off until later has its turn, as between the messages of a real connection.
      await setImmediate();
    }
  }

  private batch(): void {
    for (; this.left > 0; this.left--) this.one();
  }

  private one(): void {
    const { target, random } = this;
    const frame = target.frames[random.below(target.frames.length)];
    const other = target.frames[random.below(target.frames.length)];
    if (frame === undefined || other === undefined) throw new Error(`${target.name} has no frames`);
    this.last = mutate(frame, random, other);
    this.count++;
    const { ms, isRefused } = this.read();
    if (isRefused) this.refused++;
    if (ms > this.slowestMs) this.slowestMs = ms;
    if (ms <= this.maxMs) return;
    // Perhaps it was the garbage collector, or another program: what is slow by itself is so each time.
    const least = Math.min(ms, this.read().ms, this.read().ms);
    if (least > this.maxMs) {
      throw new FuzzError(`${this.where}: frame ${this.count} takes ${Math.round(least)} ms`, this.last);
    }
  }

  /** Reads the current frame. */
  private read(): { readonly ms: number; readonly isRefused: boolean } {
    let isRefused = false;
    const begin = performance.now();
    try {
      this.target.read(this.last);
    } catch (error) {
      if (!this.target.isRefusal(error)) {
        throw new FuzzError(`${this.where}: frame ${this.count}: ${String(error)}`, this.last, {
          cause: error,
        });
      }
      isRefused = true;
    }
    return { ms: performance.now() - begin, isRefused };
  }
}
