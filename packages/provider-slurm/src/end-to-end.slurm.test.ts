import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { CHECKOUT, ClusterRun, NodeSoftware } from './testing/cluster-run.js';
import { useSlurmBed } from './testing/use-slurm-bed.js';

const exec = promisify(execFile);
const bed = useSlurmBed({ accounting: 'on', hide: [CHECKOUT] });
let software: NodeSoftware;
beforeAll(() => {
  software = new NodeSoftware();
});
afterAll(() => software[Symbol.dispose]());
beforeEach((context) => context.skip(bed.missing !== undefined, bed.missing));

/** A task that takes a while, and tells where it was. */
async function work(ms: number): Promise<string> {
  const { hostname } = await import('node:os');
  await new Promise((resolve) => setTimeout(resolve, ms));
  return hostname();
}

/** A task that notes in a directory where it is, and stays there until the file `go` is in the directory. */
async function stay(directory: string): Promise<string> {
  const { existsSync, writeFileSync } = await import('node:fs');
  const { hostname } = await import('node:os');
  writeFileSync(`${directory}/${hostname()}`, '');
  while (!existsSync(`${directory}/go`)) await new Promise((resolve) => setTimeout(resolve, 50));
  return hostname();
}

const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);
const jobs = async () => (await bed.it.run('squeue', '-h', '-o', '%i %T')).trim();
const until = (condition: () => unknown, timeout = 60_000) =>
  vi.waitFor(condition, { timeout, interval: 100 });

/** Where tasks that {@link stay} are. */
class Meeting {
  readonly directory = mkdtempSync(join(software.directory, 'meeting-'));

  get hosts(): readonly string[] {
    return readdirSync(this.directory).sort();
  }

  /** Lets everybody go. */
  end(): void {
    writeFileSync(join(this.directory, 'go'), '');
  }
}

describe('on nodes that see nothing of the project', { timeout: 180_000 }, () => {
  test('the flights example over two blocks of two nodes', async () => {
    const flights = join(CHECKOUT, 'apps/examples/flights');
    const main = ['--import', 'tsx', join(flights, 'src/main.ts'), '--slurm', '--worker-pool', software.pool];
    const runDir = join(software.directory, 'flights');
    const { stdout } = await exec(process.execPath, [...main, '--run-dir', runDir], { cwd: flights });
    expect(stdout).toContain('four nodes of a Slurm cluster');
    expect(stdout).toContain('exactly the same sums');
    await until(async () => expect(await jobs()).toBe(''));
    const blocks = await bed.it.run('sacct', '-X', '-n', '-P', '-o', 'NNodes,NodeList');
    expect(blocks.trim().split('\n').slice(-2).sort()).toEqual(['2|node[1-2]', '2|node[3-4]']);
  });

  test('on a node that others use as well, workers have the devices of their own job', async () => {
    const other = await bed.it.run(
      ...['sbatch', '--parsable', '--gpus-per-node=1', '--nodelist=node1', '--output=/dev/null'],
      ...['--wrap', 'sleep 300'],
    );
    await until(async () => expect(await jobs()).toBe(`${other.trim()} RUNNING`));
    try {
      await using run = await ClusterRun.start(software, {
        provider: { exclusive: false, gpusPerNode: 1, schedulerOptions: '--nodelist=node1' },
        executor: { availableAccelerators: 1 },
      });
      const device = run.kernel.app(() => process.env['CUDA_VISIBLE_DEVICES']);
      expect(await device()).toBe('1');
    } finally {
      await bed.it.run('scancel', other.trim());
    }
    await until(async () => expect(await jobs()).toBe(''));
  });

  test('out to four blocks, and in to none', async () => {
    await using run = await ClusterRun.start(software, {
      provider: { initBlocks: 0, maxBlocks: 4 },
      executor: { maxWorkersPerNode: 1 },
      kernel: { maxIdleTimeMs: 1000 },
    });
    const meeting = new Meeting();
    const stays = run.kernel.app(stay);
    const results = Promise.all(times(24, () => stays(meeting.directory)));
    const nodes = ['node1', 'node2', 'node3', 'node4'];
    await until(() => expect(meeting.hosts).toEqual(nodes));
    await until(() => expect(run.outcomes).toEqual(times(4, () => 'running')));
    meeting.end();
    expect([...new Set(await results)].sort()).toEqual(nodes);
    await until(() => expect(run.outcomes).toEqual(times(4, () => 'scaled-in')));
    await until(async () => expect(await jobs()).toBe(''));
    // And out again.
    expect(await run.kernel.app(work)(1)).toMatch(/^node/);
  });

  test('a node that dies: its tasks run elsewhere', async () => {
    await using run = await ClusterRun.start(software, {
      provider: { nodesPerBlock: 2, initBlocks: 2, maxBlocks: 2, schedulerOptions: '--no-requeue' },
      executor: { maxWorkersPerNode: 1, heartbeatThresholdMs: 6000 },
      kernel: { retries: 2 },
    });
    const step = run.kernel.app(work);
    await Promise.all(times(8, () => step(1000)));
    const results = Promise.all(times(40, () => step(1000)));
    await bed.it.daemon('node3').kill();
    expect((await results).filter((node) => node !== 'node3').length).toBeGreaterThan(30);
    await until(() => expect(run.outcomes).toContain('failed'), 90_000);
    await bed.it.startNodes();
  });

  test('a worker pool that is killed: its task says how its job ended, long before that is asked for in turn', async () => {
    await using run = await ClusterRun.start(software, { provider: { pollIntervalMs: 60_000 } });
    const killPool = run.kernel.app(() => {
      process.kill(process.ppid, 'SIGKILL');
      return new Promise(() => undefined);
    });
    const error: unknown = await killPool().catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'PARSL_MANAGER_LOST',
      job: { jobId: run.kernel.blocks('cluster')[0]?.jobId, state: 'failed', signal: 'SIGKILL' },
    });
    expect(error).toHaveProperty('message', expect.stringMatching(/ended as failed \(killed by SIGKILL/));
  });

  test('a block whose time is over is replaced while work remains', async () => {
    await using run = await ClusterRun.start(software, {
      executor: { maxWorkersPerNode: 1 },
      kernel: { retries: 2 },
    });
    const step = run.kernel.app(work);
    await step(1);
    // More than can be done until the controller has noticed, which takes it up to half a minute.
    const rest = times(200, () => step(1000));
    const [id] = (await jobs()).split(' ');
    await bed.it.run('scontrol', 'update', `jobid=${id}`, 'EndTime=now+1second');
    await until(() => expect(run.outcomes).toEqual(['timeout', 'running']), 90_000);
    rest.forEach((task) => task.cancel());
    expect(await step(1)).toMatch(/^node/);
  });

  test('pools know when Slurm ends their job, drain before that, and start nothing that does not fit', async () => {
    await using run = await ClusterRun.start(software, {
      provider: { walltime: '00:01:00', maxBlocks: 2 },
      executor: { maxWorkersPerNode: 1, drainBeforeEndMs: 37_000 },
    });
    const step = run.kernel.app(work);
    const block = () => process.env['PARSL_BLOCK_END'];
    const end = Number(await run.kernel.app(block)());
    const [id] = (await jobs()).split(' ');
    const told = await bed.it.run('scontrol', 'show', 'job', id ?? '');
    const endTime = Date.parse(/EndTime=(\S+)/.exec(told)?.[1] ?? '') / 1000;
    expect(Math.abs(end - endTime)).toBeLessThanOrEqual(1);
    // It has no time for this one any more, and drains soon; the next block has.
    await step(14_000);
    await expect(step.with({ timeoutMs: 45_000 })(1)).resolves.toMatch(/^node/);
    // One that has drained; an idle one may have made room for the next.
    await until(() => expect(run.outcomes).toContain('completed'));
    expect(run.log()).toContain('has time for their timeoutMs');
    await expect(step.with({ timeoutMs: 58_000 })(1)).rejects.toMatchObject({
      ...{ code: 'PARSL_WALLTIME_TOO_SHORT', availableMs: 57_000 },
    });
  });

  test('a controller that is restarted in the middle stops nothing', async () => {
    await using run = await ClusterRun.start(software, {
      provider: { maxBlocks: 2 },
      executor: { maxWorkersPerNode: 1 },
    });
    const step = run.kernel.app(work);
    await step(1);
    await bed.it.daemon('slurmctld').stop();
    // A second block is wanted, and cannot be had; what there is goes on.
    const results = Promise.all(times(10, () => step(500)));
    const meeting = new Meeting();
    const stays = run.kernel.app(stay);
    const more = Promise.all(times(8, () => stays(meeting.directory)));
    await until(() => expect(run.log()).toContain('Unable to contact slurm controller'));
    await results;
    await bed.it.daemon('slurmctld').start();
    await until(() => expect(run.outcomes.filter((outcome) => outcome === 'running')).toHaveLength(2));
    await until(() => expect(meeting.hosts).toHaveLength(2));
    meeting.end();
    expect(new Set(await more).size).toBe(2);
  });

  test('a run with many first blocks that starts before the controller does waits for it', async () => {
    await bed.it.daemon('slurmctld').stop();
    await using run = await ClusterRun.start(software, { provider: { initBlocks: 8, maxBlocks: 8 } });
    const result = run.kernel.app(work)(1);
    await until(() => expect(run.outcomes.slice(0, 2)).toEqual(['not-submitted', 'not-submitted']));
    await bed.it.daemon('slurmctld').start();
    expect(await result).toMatch(/^node/);
  });

  test('nothing is left of a run whose process was killed', async () => {
    const fixture = fileURLToPath(new URL('testing/fixtures/waits-to-be-killed.mjs', import.meta.url));
    const child = spawn(process.execPath, [fixture, join(software.directory, 'killed'), software.pool], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface(child.stdout);
    for await (const line of lines) {
      if (line === 'working') break;
    }
    expect(await jobs()).toMatch(/RUNNING[^]*PENDING|PENDING[^]*RUNNING/);
    child.kill('SIGKILL');
    await once(child, 'exit');
    // The pools notice it at once, rather than after the minute that is their heartbeat's threshold.
    await until(async () => expect(await jobs()).toBe(''), 30_000);
  });
});
