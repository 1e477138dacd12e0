import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ordinaryUser, SubmitHost, type Work } from './testing/submit-host.js';
import { useGridEngineBed } from './testing/use-grid-engine-bed.js';

const PACKAGES = join(import.meta.dirname, '../..');

const bed = useGridEngineBed({ hosts: 2, slots: 4 });
let host: SubmitHost | undefined;
afterEach(() => host?.kill());

/** A quick provider. */
const WORK = {
  provider: { queue: 'all.q', pollIntervalMs: 300 },
  executor: { heartbeatPeriodMs: 500, heartbeatThresholdMs: 15_000 },
} satisfies Partial<Work>;

const start = (work: Work): SubmitHost => (host = new SubmitHost(bed.it, work));

/** Ids of the jobs of all users that have not ended. */
async function jobs(): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)('qstat', ['-u', '*']);
  return Array.from(stdout.matchAll(/^ *(\d+) /gm), ([, id = '']) => id);
}

const until = (condition: () => unknown): Promise<unknown> =>
  vi.waitFor(condition, { timeout: 60_000, interval: 100 });

const noJobs = () => until(async () => expect(await jobs()).toEqual([]));

describe('HighThroughputExecutor over Grid Engine', { timeout: 180_000 }, () => {
  test('blocks come while there is work, on several hosts, and go when there is none', async (context) => {
    context.skip(bed.missing !== undefined, bed.missing);
    const script = start({
      ...WORK,
      kernel: { strategy: 'htex-auto-scale', maxIdleTimeMs: 500 },
      provider: {
        ...WORK.provider,
        parallelEnvironment: 'smp',
        slotsPerNode: 3,
        initBlocks: 0,
        maxBlocks: 2,
      },
      tasks: 30,
      taskMs: 100,
      staying: 20,
      idle: true,
    });
    await script.sees('working');
    await until(() => expect(script.stays()).toEqual(['exec1', 'exec2']));
    script.letGo();
    const worked = await script.sees('worked');
    // Two blocks of three slots do not fit on one host of four.
    expect(worked.hosts).toEqual(['exec1', 'exec2']);
    expect(worked.uids).toEqual([ordinaryUser()?.uid ?? 0]);
    const { blocks } = await script.sees('idle');
    expect(blocks.map(({ outcome }) => outcome)).toEqual(['scaled-in', 'scaled-in']);
    await script.sees('closed');
    await noJobs();
  });

  test('a qmaster that is killed and comes back in the middle is put up with', async (context) => {
    context.skip(bed.missing !== undefined, bed.missing);
    const script = start({ ...WORK, tasks: 20, taskMs: 200, staying: 1 });
    await script.sees('working');
    await bed.it.killQmaster();
    await until(() => expect(script.log()).toContain('the scheduler does not tell the states of blocks'));
    // What was to be done meanwhile is done.
    await until(() => expect(script.stays()).toHaveLength(1));
    await bed.it.startQmaster();
    await until(() => expect(script.log()).toContain('the scheduler tells the states of blocks again'));
    script.letGo();
    const { blocks } = await script.sees('worked');
    expect(blocks).toMatchObject([{ state: 'running' }]);
    await script.sees('closed');
    // The hosts are back half a minute later.
    await noJobs();
  });

  test('the tasks of a host that dies are run on another one', async (context) => {
    context.skip(bed.missing !== undefined, bed.missing);
    const script = start({
      ...WORK,
      executor: { ...WORK.executor, heartbeatThresholdMs: 5000 },
      kernel: { retries: 2 },
      provider: {
        ...WORK.provider,
        parallelEnvironment: 'smp',
        slotsPerNode: 3,
        initBlocks: 2,
        maxBlocks: 2,
      },
      tasks: 40,
      taskMs: 100,
      staying: 20,
    });
    await script.sees('working');
    await until(() => expect(script.stays()).toEqual(['exec1', 'exec2']));
    await bed.it.killHost('exec1');
    await until(() => expect(script.log()).toContain('"a worker pool was lost"'));
    script.letGo();
    await script.sees('worked');
    await script.sees('closed');
    await bed.it.startHost('exec1');
    await noJobs();
  });

  test('no job is left when the submit process is killed', async (context) => {
    context.skip(bed.missing !== undefined, bed.missing);
    const script = start({
      ...WORK,
      executor: { ...WORK.executor, heartbeatThresholdMs: 300_000 },
      provider: { ...WORK.provider, initBlocks: 2, maxBlocks: 2 },
      tasks: 40,
      taskMs: 100,
      staying: 30,
    });
    await script.sees('working');
    await until(async () => expect(await jobs()).toHaveLength(2));
    await script.kill();
    // The pools notice it at once, rather than after their heartbeat's threshold.
    await noJobs();
  });

  test('the script of docs/gridengine.md works as it stands', async (context) => {
    context.skip(bed.missing !== undefined, bed.missing);
    const page = readFileSync(join(PACKAGES, '../docs/gridengine.md'), 'utf8');
    const project = await mkdtemp(join(bed.it.directory, 'tmp', 'project-'));
    await mkdir(join(project, 'node_modules/@parsl-ts'), { recursive: true });
    for (const name of ['core', 'htex', 'provider-gridengine']) {
      await symlink(join(PACKAGES, name), join(project, 'node_modules/@parsl-ts', name));
    }
    await writeFile(join(project, 'package.json'), '{ "type": "module" }');
    await writeFile(join(project, 'script.ts'), /^```ts\n([^]*?)^```$/m.exec(page)?.[1] ?? '');
    const tsx = import.meta.resolve('tsx');
    const ran = await promisify(execFile)(process.execPath, ['--import', tsx, 'script.ts'], { cwd: project });
    expect(ran.stdout).toMatch(/^20 tasks on [12] hosts\n$/);
    await noJobs();
  });
});
