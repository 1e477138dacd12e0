import { readFileSync } from 'node:fs';

/** Counters of the kernel's out-of-memory killer: of this container or job, then of the host. */
const COUNTERS = [
  { path: '/sys/fs/cgroup/memory.events', field: 'oom_kill' },
  { path: '/proc/vmstat', field: 'oom_kill' },
] as const;

/** How often the counter is read, in ms. */
const LOOK_EVERY_MS = 1000;
/** How long after a kill was seen first an end that is heard of may be due to it, in ms. */
const HEARD_WITHIN_MS = 5000;

/**
 * Which ends of processes may be due to the kernel's out-of-memory killer. It counts, and tells neither whom it has killed
 * nor when, and what it counts may be the kills of a whole host, of which most are none of this pool's. So the counter is
 * looked at all the time, a kill is dated by when it was seen first, and only an end that is heard of soon after that may
 * be due to it.
 */
export class MemoryKills {
  private readonly count: () => number;
  private counted: number;
  /** When kills were seen that no end has been put down to, the oldest first. */
  private open: number[] = [];
  private timer: NodeJS.Timeout | undefined;

  /** @param count tells how many processes the kernel has killed for memory so far */
  constructor(count: () => number = kernelCounter()) {
    this.count = count;
    this.counted = count();
  }

  /** Looks at the counter from now on, until it is told to stop. Keeps no process from ending. */
  watch(): void {
    this.timer ??= setInterval(() => this.look(), LOOK_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Whether the end of a process that is heard of now may be due to a kill, which no other end is put down to then. */
  claim(): boolean {
    this.look();
    return this.open.shift() !== undefined;
  }

  private look(): void {
    const count = this.count();
    const now = performance.now();
    this.open = this.open.filter((seenAt) => now - seenAt <= HEARD_WITHIN_MS);
    for (; this.counted < count; this.counted++) this.open.push(now);
  }
}

/** A counter of what the kernel has killed for memory: in this container or job, or else on this host. */
function kernelCounter(): () => number {
  const counter = COUNTERS.find((each) => read(each) !== undefined);
  return () => (counter && read(counter)) ?? 0;
}

/** `undefined`: this host has no such counter, or it cannot be read now. */
function read({ path, field }: (typeof COUNTERS)[number]): number | undefined {
  try {
    const match = new RegExp(`^${field} (\\d+)$`, 'm').exec(readFileSync(path, 'utf8'));
    return match === null ? undefined : Number(match[1]);
  } catch {
    return undefined;
  }
}
