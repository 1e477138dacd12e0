import { setTimeout } from 'node:timers/promises';

import { load } from '@parsl-ts/core';
import { HighThroughputExecutor } from '@parsl-ts/htex';

import { findInterchange, readAccess } from './interchange-of.js';
import { readLimits } from './limits.js';
import { runNoOps } from './no-ops.js';
import { planSimulators } from './plan.js';
import { addUp, readUsage, type ProcessUsage } from './process-usage.js';
import { profiled } from './profiled-node.js';
import { withRunDirectory } from './run-directory.js';
import type { ProcessCosts, SampleOrder, SizeSample } from './sample.js';
import { Simulators } from './simulators.js';
import type { Size } from './size.js';

const LABEL = 'scale';
const HEARTBEAT_PERIOD_MS = 30_000;
/** How often it is looked whether all managers have registered, in ms. */
const LOOK_MS = 20;
/** How long that may take, in ms. */
const REGISTRATION_MS = 600_000;
/**
 * Tasks for each manager before the measurement: each has been told of the function then, and asks for more than it has
 * workers.
 */
const WARM_UP_EACH = 8;
const LEAST_WARM_UP = 20_000;

/** What all processes had used at one moment. */
type Moment = Readonly<Record<'submit' | 'interchange' | 'simulation', ProcessUsage>>;

/** The moments between the steps of a sample. */
interface Moments {
  readonly start: Moment;
  readonly registered: Moment;
  readonly idled: Moment;
  readonly warm: Moment;
  readonly end: Moment;
}

/** Measures one size: this process submits, others simulate the managers. */
export async function sampleSize(size: Size, order: SampleOrder): Promise<SizeSample> {
  const plans = planSimulators(size, readLimits(), order.processes);
  const { encrypted, tasks, repetitions, answerMs, apart, idleMs } = order;
  return withRunDirectory(async (runDir) => {
    await using simulators = new Simulators(plans.length, process.execPath);
    await simulators.started();
    const htex = new HighThroughputExecutor({ label: LABEL, encrypted, address: '127.0.0.1' });
    await using kernel = await profiled(order.profile, () => load({ executors: [htex], runDir }));
    const interchange = await findInterchange(kernel.runDir, LABEL);
    const now = (): Moment => ({
      submit: readUsage(process.pid),
      interchange: readUsage(interchange),
      simulation: addUp(simulators.pids.map(readUsage)),
    });

    const access = await readAccess(htex.workerPoolCommand());
    const start = now();
    const begin = performance.now();
    simulators.open(
      plans.map(({ managers, sourceAddress }, index) => ({
        ...{ access: { ...access, sourceAddress }, name: String(index), managers },
        ...{ workersEach: size.workersEach, answerMs, apart, heartbeatPeriodMs: HEARTBEAT_PERIOD_MS },
      })),
    );
    const isComplete = () =>
      simulators.welcomed === size.managers && htex.connectedManagers().length === size.managers;
    await simulators.whileTheyRun(
      within(
        REGISTRATION_MS,
        isComplete,
        () => `only ${htex.connectedManagers().length} of ${size.managers} managers have registered`,
      ),
    );
    const registrationSeconds = (performance.now() - begin) / 1000;
    const registered = now();
    await setTimeout(idleMs);
    const idled = now();
    await simulators.whileTheyRun(runNoOps(Math.max(LEAST_WARM_UP, WARM_UP_EACH * size.managers)));
    const warm = now();
    const rates: number[] = [];
    for (let count = 0; count < repetitions; count++) {
      rates.push(await simulators.whileTheyRun(runNoOps(tasks)));
    }
    const moments = { start, registered, idled, warm, end: now() };
    return { registrationSeconds, rates, ...costsBetween(moments, idleMs, tasks * repetitions) };
  });
}

async function within(limitMs: number, isTrue: () => boolean, problem: () => string): Promise<void> {
  const end = performance.now() + limitMs;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error(`${problem()} in ${limitMs / 1000} s`);
    await setTimeout(LOOK_MS);
  }
}

function costsBetween({ start, registered, idled, warm, end }: Moments, idleMs: number, tasks: number) {
  const costs = (who: keyof Moment): ProcessCosts => ({
    startMb: start[who].memoryMb,
    registrationCpuMs: registered[who].cpuMs - start[who].cpuMs,
    registeredMb: idled[who].memoryMb,
    idleCpu: (idled[who].cpuMs - registered[who].cpuMs) / idleMs,
    msPerThousand: (1000 * (end[who].cpuMs - warm[who].cpuMs)) / tasks,
    peakMb: end[who].peakMb,
  });
  return { submit: costs('submit'), interchange: costs('interchange'), simulation: costs('simulation') };
}
