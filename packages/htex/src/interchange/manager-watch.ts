import type { Manager } from './manager.js';

/** Heartbeats that are due within so many ms go together. */
const BEATS_TOGETHER_MS = 200;

/** What a {@link ManagerWatch} goes by. */
export interface WatchRules {
  /** How often managers hear from the interchange at least, in ms. */
  readonly heartbeatPeriodMs: number;
  /** After how much silence a manager is lost, in ms. */
  readonly heartbeatThresholdMs: number;
  /** How long a manager may take to come back after its connection broke, in ms. */
  readonly reconnectMs: number;
  /** And how long after the interchange has been started again, in ms. */
  readonly returnMs: number;
}

/** What the time has brought. */
export interface Watched {
  /** Managers that are given up, and why. */
  readonly lost: readonly (readonly [Manager, string])[];
  /** Managers that are to hear that the run goes on. */
  readonly beats: readonly Manager[];
}

/**
 * Knows which managers are due for a heartbeat and which have been away or silent for too long. Most looks find that
 * nothing is due, and cost the same for any number of managers; heartbeats are spread as the registrations were.
 */
export class ManagerWatch {
  private readonly rules: WatchRules;
  /** When each gets its next heartbeat, in this order: the period is the same for all. */
  private readonly nextBeat = new Map<Manager, number>();
  private readonly away = new Set<Manager>();
  /** Nobody has been silent for too long before. */
  private silentAt = Infinity;

  constructor(rules: WatchRules) {
    this.rules = rules;
  }

  add(manager: Manager, now: number): void {
    this.nextBeat.set(manager, now + this.rules.heartbeatPeriodMs);
    this.silentAt = Math.min(this.silentAt, manager.lastHeard + this.rules.heartbeatThresholdMs);
  }

  delete(manager: Manager): void {
    this.nextBeat.delete(manager);
    this.away.delete(manager);
  }

  /** Its `away` has been set. */
  expect(manager: Manager): void {
    this.away.add(manager);
  }

  /** This process was stopped for so long, in ms, and could hear nobody. */
  excuse(ms: number): void {
    for (const manager of this.nextBeat.keys()) {
      manager.lastHeard += ms;
      if (manager.away !== undefined) manager.away = { ...manager.away, until: manager.away.until + ms };
    }
    this.silentAt += ms;
  }

  /** When to look next, unless something happens before; infinite when nobody is there. */
  get nextAt(): number {
    const firstBeat = this.nextBeat.values().next();
    let at = Math.min(this.silentAt, firstBeat.done === true ? Infinity : this.together(firstBeat.value));
    for (const { away } of this.away) if (away !== undefined) at = Math.min(at, away.until);
    return at;
  }

  look(now: number): Watched {
    const lost = [...this.lostByAbsence(now), ...this.lostBySilence(now)];
    const gone = new Set(lost.map(([manager]) => manager));
    return { lost, beats: this.dueBeats(now).filter((manager) => !gone.has(manager)) };
  }

  /** The heartbeats of thousands of managers are not to wake the process one by one. */
  private together(beatAt: number): number {
    const grid = Math.min(BEATS_TOGETHER_MS, this.rules.heartbeatPeriodMs / 4);
    return Math.ceil(beatAt / grid) * grid;
  }

  private lostByAbsence(now: number): [Manager, string][] {
    const lost: [Manager, string][] = [];
    for (const manager of this.away) {
      if (manager.away === undefined) this.away.delete(manager);
      else if (now >= manager.away.until) lost.push([manager, manager.away.reason]);
    }
    return lost;
  }

  private lostBySilence(now: number): [Manager, string][] {
    const lost: [Manager, string][] = [];
    if (now < this.silentAt) return lost;
    this.silentAt = Infinity;
    for (const manager of this.nextBeat.keys()) {
      const silence = now - manager.lastHeard;
      if (silence >= this.rules.heartbeatThresholdMs) {
        lost.push([manager, `nothing was heard of it for ${String(Math.round(silence))} ms`]);
      } else {
        this.silentAt = Math.min(this.silentAt, manager.lastHeard + this.rules.heartbeatThresholdMs);
      }
    }
    return lost;
  }

  private dueBeats(now: number): Manager[] {
    const due: Manager[] = [];
    for (const [manager, at] of this.nextBeat) {
      if (at > now) break;
      due.push(manager);
    }
    for (const manager of due) {
      this.nextBeat.delete(manager);
      this.nextBeat.set(manager, now + this.rules.heartbeatPeriodMs);
    }
    return due;
  }
}
