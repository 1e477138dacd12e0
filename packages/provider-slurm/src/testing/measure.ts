// Measures what a run on Slurm costs, on clusters of its own, as root:
//   ../../tooling/slurm-bed/node_modules/.bin/tsx src/testing/measure.ts [NAME…]
//   start   from load() to the first result, beside what sbatch and the scheduler take by themselves
//   status  commands for the states of 1,000 jobs
//   idle    CPU time of the submit process while 200 blocks have nothing to do
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SlurmBed, type SlurmBedOptions } from '@parsl-ts-internal/slurm-bed';
import type { JobId } from '@parsl-ts/provider';
import { SlurmProvider } from '../slurm-provider.js';
import { CHECKOUT, ClusterRun, NodeSoftware } from './cluster-run.js';

const ACCOUNTING = ['off', 'on'] as const;

async function onBed(options: SlurmBedOptions, measure: (bed: SlurmBed) => Promise<void>): Promise<void> {
  await using bed = await SlurmBed.start(options);
  Object.assign(process.env, bed.environment);
  await measure(bed);
}

/** The middle one of several times, in seconds. */
async function median(times: number, measure: () => Promise<number>): Promise<string> {
  const seconds: number[] = [];
  for (let time = 0; time < times; time++) seconds.push((await measure()) / 1000);
  seconds.sort((a, b) => a - b);
  const [least = 0, middle = 0, most = 0] = [seconds[0], seconds[(times - 1) >> 1], seconds.at(-1)];
  return `${middle.toFixed(2)} s (${least.toFixed(2)} to ${most.toFixed(2)})`;
}

async function allIdle(bed: SlurmBed): Promise<void> {
  while ((await bed.run('squeue', '-h')).trim() !== '') await delay(50);
}

async function start(): Promise<void> {
  using software = new NodeSoftware();
  const flag = join(software.directory, 'flag');
  for (const accounting of ACCOUNTING) {
    await onBed({ accounting, hide: [CHECKOUT] }, async (bed) => {
      const alone = await median(7, async () => {
        await allIdle(bed);
        const begin = performance.now();
        await bed.run('sbatch', '--exclusive', '--output=/dev/null', `--wrap=touch ${flag}`);
        while (!existsSync(flag)) await delay(5);
        rmSync(flag);
        return performance.now() - begin;
      });
      const whole = await median(7, async () => {
        await allIdle(bed);
        const begin = performance.now();
        await using run = await ClusterRun.start(software);
        await run.kernel.app((x: number) => x + 1)(1);
        return performance.now() - begin;
      });
      console.log(`accounting ${accounting}: sbatch to the first line of the script ${alone}`);
      console.log(`accounting ${accounting}: load() to the first result ${whole}`);
    });
  }
}

async function status(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'status-'));
  const log = join(directory, 'log');
  for (const program of ['sacct', 'squeue', 'scontrol', 'scancel']) {
    const path = join(directory, program);
    writeFileSync(path, `#!/bin/sh\necho ${program} >>${log}\nexec /usr/bin/${program} "$@"\n`);
    chmodSync(path, 0o755);
  }
  process.env['PATH'] = `${directory}${delimiter}${process.env['PATH'] ?? ''}`;
  const count = async (what: string, ask: () => Promise<unknown>) => {
    writeFileSync(log, '');
    const begin = performance.now();
    await ask();
    const commands = readFileSync(log, 'utf8').trim().split('\n');
    const kinds = [...new Set(commands)].map(
      (kind) => `${commands.filter((each) => each === kind).length} ${kind}`,
    );
    console.log(
      `${what}: ${commands.length} commands (${kinds.join(', ')}), ${Math.round(performance.now() - begin)} ms`,
    );
  };
  for (const accounting of ACCOUNTING) {
    await onBed({ accounting }, async () => {
      const provider = new SlurmProvider({ schedulerOptions: '--hold' });
      const scriptDir = join(directory, accounting);
      mkdirSync(scriptDir);
      const ids: JobId[] = [];
      for (let job = 0; job < 1000; job += 10) {
        const ten = Array.from({ length: 10 }, (_, index) => ({ name: `b${job + index}`, command: 'true' }));
        ids.push(
          ...(await Promise.all(ten.map((one) => provider.submit({ ...one, tasksPerNode: 1, scriptDir })))),
        );
      }
      await delay(6000);
      await count(`accounting ${accounting}, 1,000 jobs that wait, asked first`, () => provider.status(ids));
      await count(`accounting ${accounting}, 1,000 jobs that wait`, () => provider.status(ids));
      await count(`accounting ${accounting}, cancel of 1,000 jobs`, () => provider.cancel(ids));
      await delay(3000);
      await count(`accounting ${accounting}, 1,000 jobs that have ended`, () => provider.status(ids));
    });
  }
  rmSync(directory, { recursive: true });
}

async function idle(): Promise<void> {
  using software = new NodeSoftware();
  // Two hundred real pools are too many for one machine. To the submit process, one that has nothing to do is a job.
  const pool = join(software.directory, 'pool');
  writeFileSync(pool, '#!/bin/sh\nexec sleep 600\n');
  chmodSync(pool, 0o755);
  for (const accounting of ACCOUNTING) {
    await onBed({ accounting, cpusPerNode: 64 }, async () => {
      await using run = await ClusterRun.start(software, {
        provider: {
          initBlocks: 200,
          maxSubmissionsPerMinute: 6000,
          exclusive: false,
          pollIntervalMs: 10_000,
        },
        executor: { workerPool: { path: pool } },
        kernel: { strategyPeriodMs: 5000, maxIdleTimeMs: 3_600_000 },
      });
      while (run.outcomes.filter((outcome) => outcome === 'running').length < 200) await delay(100);
      const before = process.cpuUsage();
      await delay(60_000);
      const { user, system } = process.cpuUsage(before);
      const percent = ((user + system) / 1e6 / 60) * 100;
      console.log(`accounting ${accounting}, 200 blocks that run: ${percent.toFixed(2)} % CPU over 60 s`);
    });
  }
}

const wanted = process.argv.slice(2);
for (const [name, measure] of Object.entries({ start, status, idle })) {
  if (wanted.length === 0 || wanted.includes(name)) await measure();
}
