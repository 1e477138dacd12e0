import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { load } from '@parsl-ts/core';
import { HighThroughputExecutor } from '@parsl-ts/htex';
import { parsePoolKeys, type PoolKeys } from '@parsl-ts/wire';

import { readLimits } from './limits.js';
import { runNoOps } from './no-ops.js';
import { planSimulators } from './plan.js';
import { readUsage, type ProcessUsage } from './process-usage.js';
import { profiled } from './profiled-node.js';
import { withRunDirectory } from './run-directory.js';
import type { ProcessCosts, SampleOrder, SizeSample } from './sample.js';
import { Simulators } from './simulators.js';
import type { Size } from './size.js';

const LABEL = 'scale';
const HEARTBEAT_PERIOD_MS = 30_000;
/** How often it is looked whether all managers have registered, in ms. */
const LOOK_MS = 20;
/** Tasks before the measurement for each manager: each has been told of the function then, and asks for more than it has workers. */
const WARM_UP_EACH = 8;
const LEAST_WARM_UP = 20_000;

/** Measures one size: this process submits, others simulate the managers. */
export async function sampleSize(size: Size, order: SampleOrder): Promise<SizeSample> {
  const plans = planSimulators(size, readLimits(), order.processes);
  const node = process.execPath;
  return withRunDirectory(async (runDir) => {
    await using simulators = new Simulators(plans.length, node);
    await simulators.started();
    const { encrypted, tasks, answerMs } = order;
    const htex = new HighThroughputExecutor({ label: LABEL, encrypted, address: '127.0.0.1' });
    await using dfk = await profiled(order.profile, () => load({ executors: [htex], runDir }));
    const interchangePid = await findInterchange(dfk.runDir);
    const usage = () => ({ submit: readUsage(process.pid), interchange: readUsage(interchangePid) });

    const access = await readAccess(htex.workerPoolCommand());
    const atStart = usage();
    const begin = performance.now();
    simulators.open(
      plans.map(({ managers, sourceAddress }, index) => ({
        access: { ...access, sourceAddress },
        ...{ name: String(index), managers, workersEach: size.workersEach, answerMs },
        heartbeatPeriodMs: HEARTBEAT_PERIOD_MS,
      })),
    );
    const allRegistered = async () => {
      while (simulators.welcomed < size.managers || htex.connectedManagers().length < size.managers) {
        await setTimeout(LOOK_MS);
      }
    };
    await simulators.whileTheyRun(allRegistered());
    const registrationSeconds = (performance.now() - begin) / 1000;
    const registered = usage();
    await setTimeout(order.idleMs);
    const idled = usage();

    await simulators.whileTheyRun(runNoOps(Math.max(LEAST_WARM_UP, WARM_UP_EACH * size.managers)));
    const warm = usage();
    const simulatorsWarm = cpuOf(simulators.pids);
    const rates: number[] = [];
    for (let count = 0; count < order.repetitions; count++) {
      rates.push(await simulators.whileTheyRun(runNoOps(tasks)));
    }
    const ended = usage();
    const thousands = (tasks * order.repetitions) / 1000;
    const costs = (who: 'submit' | 'interchange'): ProcessCosts => ({
      startMb: atStart[who].memoryMb,
      registrationCpuMs: registered[who].cpuMs - atStart[who].cpuMs,
      registeredMb: idled[who].memoryMb,
      idleCpu: (idled[who].cpuMs - registered[who].cpuMs) / order.idleMs,
      msPerThousand: (ended[who].cpuMs - warm[who].cpuMs) / thousands,
      peakMb: ended[who].peakMb,
    });
    return {
      ...{ registrationSeconds, rates, submit: costs('submit'), interchange: costs('interchange') },
      simulatorMsPerThousand: (cpuOf(simulators.pids) - simulatorsWarm) / thousands,
    };
  });
}

function cpuOf(pids: readonly number[]): number {
  return pids.map(readUsage).reduce((sum: number, { cpuMs }: ProcessUsage) => sum + cpuMs, 0);
}

/** The interchange writes into its log who it is. */
async function findInterchange(runDir: string): Promise<number> {
  const log = await readFile(join(runDir, LABEL, 'interchange.log'), 'utf8');
  const pid = /^.*"listening".*$/m.exec(log)?.[0].match(/"pid":(\d+)/)?.[1];
  if (pid === undefined) throw new Error('the log of the interchange does not say which process it is');
  return Number(pid);
}

/** Takes from the line that starts a worker pool by hand what a simulated manager needs. */
async function readAccess(line: string): Promise<{ address: string; keys: PoolKeys | undefined }> {
  const address = /tcp:\/\/([^ ,]+)/.exec(line)?.[1];
  if (address === undefined) throw new Error(`the command of a worker pool has no address: ${line}`);
  const keyFile = /--key-file ([^ ]+)/.exec(line)?.[1];
  return {
    address,
    keys: keyFile === undefined ? undefined : parsePoolKeys(await readFile(keyFile, 'utf8')),
  };
}
