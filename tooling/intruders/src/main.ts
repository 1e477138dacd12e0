import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { DataFlowKernel } from '@parsl-ts/core';
import { HighThroughputExecutor } from '@parsl-ts/htex';
import { LocalProvider } from '@parsl-ts/provider-local';

import { InterchangeUnderWatch } from './interchange-under-watch.js';
import type { Orders } from './intruder-main.js';
import { INTRUDERS, type IntruderKind } from '@parsl-ts-internal/other-hosts';
import { SteadyTasks } from './steady-tasks.js';

const HELP = `Measures what intruders cost a run: tasks per second, and CPU of its interchange, while a process
tries to get in, beside the same while that process bothers the interchange of another, idle run.

  --rate <n>      attempts in a second (1000)
  --seconds <n>   for which each is measured (4)
  --rounds <n>    of each kind, of which the median is told (3)
  --only <text>   kinds whose names hold it (all)`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    rate: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
  },
});
/** Left out at the beginning of each measurement, in ms. */
const WARM_UP_MS = 500;

if (values.help) console.log(HELP);
else await main();

async function main(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'intruders-'));
  const provider = new LocalProvider({ initBlocks: 1, minBlocks: 1, maxBlocks: 1 });
  const executor = new HighThroughputExecutor({
    label: 'run',
    provider,
    maxWorkersPerNode: 1,
    coresPerWorker: 0.5,
  });
  const bystander = new HighThroughputExecutor({ label: 'bystander', address: '127.0.0.1' });
  const kernel = await DataFlowKernel.start({ runDir: directory, executors: [executor, bystander] });
  try {
    const tasks = new SteadyTasks(kernel.app(() => 1, { executors: ['run'] }));
    await tasks.next();
    const watched = await InterchangeUnderWatch.of(executor, join(kernel.runDir, 'run'));
    const other = await InterchangeUnderWatch.of(bystander, join(kernel.runDir, 'bystander'));
    const kinds = (Object.keys(INTRUDERS) as IntruderKind[]).filter((kind) => kind.includes(values.only));
    for (const kind of kinds) {
      const rounds: { there: Sample; here: Sample }[] = [];
      for (let round = 0; round < Number(values.rounds); round++) {
        const there = await sample(kind, other, watched, tasks);
        rounds.push({ there, here: await sample(kind, watched, watched, tasks) });
      }
      console.log(line(kind, rounds));
    }
    await tasks.end();
    console.log(`\n${await readFile(join(kernel.runDir, 'run', 'interchange.log'), 'utf8')}`);
  } finally {
    await kernel.close();
    await rm(directory, { recursive: true });
  }
}

interface Sample {
  readonly tasksPerSecond: number;
  /** Of the run's interchange, in percent of a core. */
  readonly cpu: number;
  readonly attemptsPerSecond: number;
  readonly descriptors: number;
}

/** What the run does while `target` is bothered. */
async function sample(
  kind: IntruderKind,
  target: InterchangeUnderWatch,
  watched: InterchangeUnderWatch,
  tasks: SteadyTasks,
): Promise<Sample> {
  const orders: Orders = { target: target.target, kind, rate: Number(values.rate) };
  const intruder = fork(new URL('./intruder-main.ts', import.meta.url), [JSON.stringify(orders)], {
    execArgv: process.execArgv,
  });
  const attempts = async () => {
    intruder.send('how many?');
    const [made] = (await once(intruder, 'message')) as [number];
    return made;
  };
  await attempts();
  await delay(WARM_UP_MS);
  const before = {
    at: performance.now(),
    done: tasks.done,
    cpuMs: watched.cpuMs(),
    attempts: await attempts(),
  };
  await delay(Number(values.seconds) * 1000);
  const after = {
    at: performance.now(),
    done: tasks.done,
    cpuMs: watched.cpuMs(),
    attempts: await attempts(),
  };
  const descriptors = target.descriptors();
  intruder.kill();
  await once(intruder, 'exit');
  await delay(WARM_UP_MS);
  const seconds = (after.at - before.at) / 1000;
  return {
    tasksPerSecond: (after.done - before.done) / seconds,
    cpu: (after.cpuMs - before.cpuMs) / seconds / 10,
    attemptsPerSecond: (after.attempts - before.attempts) / seconds,
    descriptors,
  };
}

function line(kind: IntruderKind, rounds: readonly { there: Sample; here: Sample }[]): string {
  const middle = (of: (sample: Sample) => number) => ({
    there: median(rounds.map(({ there }) => of(there))),
    here: median(rounds.map(({ here }) => of(here))),
  });
  const tasks = middle(({ tasksPerSecond }) => tasksPerSecond);
  const cpu = middle((sample) => sample.cpu);
  const ratio = median(rounds.map(({ there, here }) => here.tasksPerSecond / there.tasksPerSecond));
  return [
    kind.padEnd(28),
    `${Math.round(middle(({ attemptsPerSecond }) => attemptsPerSecond).here)} attempts/s`,
    `tasks/s ${Math.round(tasks.there)} elsewhere, ${Math.round(tasks.here)} here (${ratio.toFixed(2)})`,
    `interchange ${cpu.there.toFixed(0)} % and ${cpu.here.toFixed(0)} % of a core`,
    `${Math.round(middle(({ descriptors }) => descriptors).here)} descriptors`,
  ].join('; ');
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
