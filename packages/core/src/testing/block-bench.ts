import type { BlockLimits, JobState } from '@parsl-ts/provider';
import { expect } from 'vitest';
import type { BlockActivity } from '../executor.js';
import { BlockMachine, type BlockInstructions } from '../scaling/block-machine.js';
import type { ScalingStrategy } from '../scaling/strategy.js';
import { SubmissionRate } from '../scaling/submission-rate.js';

/** How long blocks are idle before they are given back, in ms. */
export const IDLE_MS = 1000;

/** A machine with a clock, and pools that do what the test says. After each step the invariants are checked. */
export class BlockBench {
  readonly machine: BlockMachine;
  readonly limits: BlockLimits;
  readonly pools = new Map<string, BlockActivity>();
  now = 0;
  tasks = 0;
  slots = 1;

  constructor(
    limits: Partial<BlockLimits>,
    strategy: ScalingStrategy = 'simple',
    rate = new SubmissionRate(limits.maxSubmissionsPerMinute),
  ) {
    this.limits = { init: 0, min: 0, max: 10, parallelism: 1, ...limits };
    this.machine = new BlockMachine({
      limits: this.limits,
      strategy,
      rate,
      maxIdleTimeMs: IDLE_MS,
      random: () => 1,
    });
  }

  decide(): BlockInstructions {
    const instructions = this.machine.decide(this.now, this.tasks, this.slots, () => this.pools);
    const outcomes = this.machine
      .reports()
      .filter(({ outcome }) => ['pending', 'running', 'held'].includes(outcome));
    expect(outcomes.length).toBeLessThanOrEqual(this.limits.max);
    expect(instructions.wakeAt ?? Infinity).toBeGreaterThan(this.now);
    return instructions;
  }

  /** Decides, and has the scheduler take whatever is submitted, until nothing more is. */
  submit(): readonly string[] {
    const taken: string[] = [];
    for (let { submit } = this.decide(); submit.length > 0; { submit } = this.decide()) {
      for (const id of submit) {
        this.machine.submitted(id, `job-${id}`);
      }
      taken.push(...submit);
    }
    return taken;
  }

  register(id: string, activity: Partial<BlockActivity> = {}): void {
    this.pools.set(id, { managers: 1, workers: 1, tasks: 0, idleSince: this.now, ...activity });
    this.machine.activity(this.pools);
  }

  job(id: string, state: JobState): void {
    if (this.machine.jobStatus(id, { state }, this.now)) {
      this.machine.explained(id, new Error('it wrote nothing'));
    }
  }

  closed(blocks: Record<string, 'draining' | 'held'>): void {
    this.machine.closed(new Map(Object.entries(blocks)));
  }

  outcomes(): Record<string, string> {
    return Object.fromEntries(this.machine.reports().map(({ blockId, outcome }) => [blockId, outcome]));
  }
}
