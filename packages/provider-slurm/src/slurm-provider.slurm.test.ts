import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobId, JobStatus } from '@parsl-ts/provider';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SlurmProviderOptions } from './slurm-provider-options.js';
import { SlurmProvider } from './slurm-provider.js';
import { useSlurmBed } from './testing/use-slurm-bed.js';

let scriptDir: string;
let submissions = 0;
const providers: { readonly provider: SlurmProvider; readonly ids: JobId[] }[] = [];
beforeEach(() => {
  scriptDir = mkdtempSync(join(tmpdir(), 'slurm-provider-'));
});
afterEach(async () => {
  await Promise.all(providers.splice(0).map(({ provider, ids }) => provider.cancel(ids)));
  rmSync(scriptDir, { recursive: true });
});

/** A provider, and what a test does with it. */
function make(options: SlurmProviderOptions = {}) {
  const provider = new SlurmProvider({ exclusive: false, pollIntervalMs: 100, ...options });
  const ids: JobId[] = [];
  providers.push({ provider, ids });
  const submit = async (command: string): Promise<JobId> => {
    const name = `block-${submissions++}`;
    const id = await provider.submit({ name, command, tasksPerNode: 1, scriptDir });
    ids.push(id);
    return id;
  };
  const status = async (id: JobId): Promise<JobStatus> => {
    const found = (await provider.status([id])).get(id);
    if (found === undefined) throw new Error(`nothing is known of job ${id}`);
    return found;
  };
  const until = (id: JobId, state: string): Promise<JobStatus> =>
    vi.waitFor(
      async () => {
        const now = await status(id);
        expect(now.state, now.message).toBe(state);
        return now;
      },
      { timeout: 90_000, interval: 100 },
    );
  return { provider, submit, status, until };
}

const SLEEP = '/bin/sleep 300';

describe.each(['off', 'on'] as const)('with accounting %s', { timeout: 180_000 }, (accounting) => {
  const bed = useSlurmBed({ accounting });
  beforeEach((context) => context.skip(bed.missing !== undefined, bed.missing));

  test('what the options ask for arrives', async () => {
    const { submit, until } = make({
      partition: 'debug,urgent',
      constraint: 'bed',
      coresPerNode: 2,
      memPerNodeGb: 1.5,
      gpusPerNode: 1,
      gres: 'gpu:1',
      walltime: '00:05:30',
      nodesPerBlock: 2,
      schedulerOptions: '# no plugin reads this here\n#DW jobdw type=scratch\n--comment="of mine"',
    });
    const id = await submit('true');
    const job = await bed.it.run('scontrol', '-o', 'show', 'job', id);
    for (const words of [
      /Partition=(?:urgent|debug)/,
      /NumNodes=2/,
      /CPUs\/Task=2/,
      /MinMemoryNode=1.50G/,
      /TimeLimit=00:06:00/,
      /Features=bed/,
      /Comment=of mine/,
      /TresPerNode=gres:gpu:1/,
    ]) {
      expect(job).toMatch(words);
    }
    await until(id, 'completed');
  });

  test('the user’s own settings of Slurm, and a job around it, change nothing', async () => {
    vi.stubEnv('SBATCH_PARTITION', 'down');
    vi.stubEnv('SBATCH_TIMELIMIT', '1');
    vi.stubEnv('SQUEUE_USERS', 'daemon');
    vi.stubEnv('SQUEUE_FORMAT2', 'jobid');
    vi.stubEnv('SACCT_FORMAT', 'jobname');
    vi.stubEnv('SLURM_JOB_ID', '999');
    vi.stubEnv('SLURM_NTASKS', '7');
    vi.stubEnv('SLURM_MEM_PER_CPU', '100');
    try {
      const { submit, until } = make({ partition: 'debug', memPerNodeGb: 1, nodesPerBlock: 2 });
      await until(await submit('echo "$SLURM_NTASKS copies"'), 'completed');
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test('a node that dies fails its job, or has it requeued', async () => {
    const requeued = make({ schedulerOptions: '--nodelist=node4' });
    const lost = make({ schedulerOptions: '--nodelist=node4\n--no-requeue' });
    const first = await requeued.submit(SLEEP);
    const second = await lost.submit(SLEEP);
    await Promise.all([requeued.until(first, 'running'), lost.until(second, 'running')]);
    await bed.it.daemon('node4').kill();
    expect(await lost.until(second, 'failed')).toMatchObject({
      message: expect.stringContaining('NODE_FAIL') as string,
    });
    await requeued.until(first, 'pending');
    await bed.it.startNodes();
  });

  test('a job that is preempted has run out of time, or waits again', async () => {
    const ended = make({ partition: 'scavenge', schedulerOptions: '--nodelist=node1', exclusive: true });
    const requeued = make({ schedulerOptions: '--nodelist=node2', exclusive: true });
    const ids = [await ended.submit(SLEEP), await requeued.submit(SLEEP)] as const;
    await Promise.all([ended.until(ids[0], 'running'), requeued.until(ids[1], 'running')]);
    const urgent = make({
      partition: 'urgent',
      nodesPerBlock: 2,
      exclusive: true,
      schedulerOptions: '--nodelist=node[1-2]',
    });
    await urgent.until(await urgent.submit(SLEEP), 'running');
    expect(await ended.until(ids[0], 'timeout')).toMatchObject({
      message: expect.stringContaining('PREEMPTED') as string,
    });
    await requeued.until(ids[1], 'pending');
  });

  test('a job that its time ends is not one that fails', async () => {
    const { submit, until } = make();
    const id = await submit(SLEEP);
    await until(id, 'running');
    await bed.it.run('scontrol', 'update', `jobid=${id}`, 'EndTime=now+1second');
    expect(await until(id, 'timeout')).toMatchObject({
      message: expect.stringContaining('TIMEOUT') as string,
    });
  });

  test('a job that is suspended is held, and goes on', async () => {
    const { submit, until } = make();
    const id = await submit(SLEEP);
    await until(id, 'running');
    await bed.it.run('scontrol', 'suspend', id);
    await until(id, 'held');
    await bed.it.run('scontrol', 'resume', id);
    await until(id, 'running');
  });

  test('a job that can never run is held, and says why', async () => {
    const { submit, until } = make({ nodesPerBlock: 5 });
    expect((await until(await submit('true'), 'held')).message).toMatch(/PartitionConfig|PartitionNodeLimit/);
  });

  test('an array is one job, which ends with its last part and fails with any', async () => {
    const { submit, until } = make({ schedulerOptions: '--array=0-2%1' });
    const go = join(scriptDir, 'go');
    const id = await submit(`until [ -e ${go} ]; do sleep 0.1; done; exit "$((SLURM_ARRAY_TASK_ID % 2))"`);
    await until(id, 'running');
    writeFileSync(go, '');
    expect((await until(id, 'failed')).exitCode).toBe(1);
    expect((await bed.it.run('squeue', '-h', '-o', '%i', '-j', id)).trim()).toBe('');
  });

  test('what the controller takes while its answer is late is taken up', async () => {
    const { submit, until } = make({ commandTimeoutMs: 20_000 });
    const controller = bed.it.daemon('slurmctld');
    const asks = () => bed.it.run('pgrep', '--full', `sbatch --parsable ${scriptDir}`);
    const patience = { timeout: 30_000, interval: 20 };
    controller.freeze();
    try {
      const submitted = submit('true');
      await vi.waitFor(() => expect(asks()).resolves.toBeTruthy(), patience);
      // It gives up, and has told the controller by then.
      await vi.waitFor(() => expect(asks()).rejects.toThrow(), patience);
      controller.thaw();
      await until(await submitted, 'completed');
    } finally {
      controller.thaw();
    }
    expect((await bed.it.run('squeue', '--states=all', '-h', '-o', '%Z')).split(scriptDir).length).toBe(1);
  });
});
