import { HandStartedPool, namespacesMissing, TwoHosts } from '@parsl-ts-internal/other-hosts';
import { Cable } from '../cable.js';
import type { Combination, How, When } from '../combination.js';
import type { FaultyRun, RunPlan } from '../faulty-run.js';
import { LONG_MS, THRESHOLD_MS, type Harm } from '../harm.js';
import { planFor } from '../moments.js';
import type { Setup } from '../setup.js';

export const networkMissing = namespacesMissing;

/** The run is on the first host, its pool on the second. */
const WAYS: Readonly<Partial<Record<How, (cable: Cable) => void>>> = {
  'cut briefly': cutBoth,
  'cut long': cutBoth,
  'one-way to the pool': (cable) => cable.cutFrom(1),
  'one-way from the pool': (cable) => cable.cutFrom(0),
  slow: (cable) => cable.slow(),
  lossy: (cable) => cable.lossy(),
};

function cutBoth(cable: Cable): void {
  cable.cutFrom(0);
  cable.cutFrom(1);
}

/** How long a fault lasts that has no end of its own. */
const DURATIONS: Readonly<Partial<Record<How, number>>> = {
  // TCP sends again after 200 ms, 400 ms more, 800 ms more, …
  'cut briefly': 300,
  slow: Infinity,
  lossy: Infinity,
};

/**
 * A run on one host and a pool on another, which somebody keeps running: when it has ended, it is started again.
 */
export class PoolElsewhere implements Disposable {
  readonly by = 'manager';
  protected readonly hosts = new TwoHosts();

  onStarted(run: FaultyRun): void {
    const words = Object.entries(run.environment()).map(([name, value]) => `${name}=${value ?? ''}`);
    const pool = new HandStartedPool(run.line, `${this.hosts.onSecond} env ${words.join(' ')}`);
    void pool.exited.then(async () => {
      run.output += pool.output;
      await pool[Symbol.asyncDispose]();
      if (!run.isEnding) this.onStarted(run);
    });
  }

  [Symbol.dispose](): void {
    this.hosts[Symbol.dispose]();
  }

  protected planFor(when: When, how?: How): RunPlan {
    const { provider: _, executor, ...plan } = planFor({ who: 'manager', when, ...(how && { how }) });
    return {
      ...plan,
      // A pool that cannot be told of the end of the run learns of it by silence.
      ...(when === 'closing' ? { thresholdMs: THRESHOLD_MS } : {}),
      // What is being sent is not heard of before all of it has come: this much comes in time, also on a bad line.
      resultBytes: 2 ** 20,
      executor: { ...executor, address: this.hosts.firstAddress },
      prefix: () => this.hosts.onFirst.split(' '),
    };
  }
}

/** Something is wrong with the cable between the run and its pool. */
export class NetworkFault extends PoolElsewhere implements Setup {
  readonly plan: RunPlan;
  readonly harm: Harm;
  private readonly cable = new Cable(this.hosts);

  constructor({ how, when }: Combination) {
    super();
    this.plan = this.planFor(when, how);
    this.harm = {
      strike: () => WAYS[how]?.(this.cable),
      lastsMs: DURATIONS[how] ?? LONG_MS,
      relent: () => this.cable.heal(),
    };
  }

  override [Symbol.dispose](): void {
    this.cable[Symbol.dispose]();
    super[Symbol.dispose]();
  }
}
