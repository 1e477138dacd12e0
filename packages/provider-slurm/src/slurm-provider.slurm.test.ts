import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SrunMpiLauncher } from '@parsl-ts/provider';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { tryProvider } from './testing/try-provider.js';
import { useSlurmBed } from './testing/use-slurm-bed.js';

const SLEEP = '/bin/sleep 300';

describe.each(['off', 'on'] as const)('with accounting %s', { timeout: 180_000 }, (accounting) => {
  const bed = useSlurmBed({ accounting });
  beforeEach((context) => context.skip(bed.missing !== undefined, bed.missing));

  test('what the options ask for arrives', async () => {
    const { submit, until } = tryProvider({
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
      const { submit, until } = tryProvider({ partition: 'debug', memPerNodeGb: 1, nodesPerBlock: 2 });
      await until(await submit('echo "$SLURM_NTASKS copies"'), 'completed');
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test('an MPI program has a rank on each core, whatever the job asked for as cores of a task', async () => {
    const { submit, until } = tryProvider({
      launcher: new SrunMpiLauncher(),
      nodesPerBlock: 2,
      coresPerNode: 2,
      // As srun of other versions than this one takes it by itself.
      workerInit: 'export SRUN_CPUS_PER_TASK=$SLURM_CPUS_PER_TASK',
    });
    const id = await submit('echo "$SLURMD_NODENAME $SLURM_PROCID of $SLURM_NTASKS"');
    const { stdoutPath = '' } = await until(id, 'completed');
    const ranks = readFileSync(stdoutPath, 'utf8').trim().split('\n').sort();
    const nodes = [...new Set(ranks.map((rank) => rank.split(' ')[0]))];
    expect(nodes).toHaveLength(2);
    expect(ranks).toEqual(nodes.flatMap((node) => [`${node} 0 of 2`, `${node} 1 of 2`]));
  });

  test('tasks of a block of several nodes start steps of their own', async () => {
    const { submit, until } = tryProvider({ nodesPerBlock: 2, memPerNodeGb: 1, exclusive: true });
    const step = 'srun --ntasks=2 --input=none sh -c \'echo "$SLURMD_NODENAME ${SLURM_OVERLAP-}"\'';
    const id = await submit(`[ "$SLURM_PROCID" != 0 ] || timeout 30 ${step}`);
    const { stdoutPath = '' } = await until(id, 'completed');
    expect(readFileSync(stdoutPath, 'utf8').trim().split('\n')).toHaveLength(2);
    expect(readFileSync(stdoutPath, 'utf8')).toMatch(/^(?:node[1-4] \n){2}$/);
  });

  test('an exit code of 128 or more is told as it is', async () => {
    const { submit, until } = tryProvider();
    const id = await submit('exit 200');
    if (accounting === 'on') {
      const listed = () => bed.it.run('sacct', '--allocations', '--format=State', '--jobs', id);
      await vi.waitFor(async () => expect(await listed()).toContain('FAILED'), { timeout: 30_000 });
    }
    expect(await until(id, 'failed')).toMatchObject({ exitCode: 200 });
  });

  test('a job that is suspended is held, and goes on', async () => {
    const { submit, until } = tryProvider();
    const id = await submit(SLEEP);
    await until(id, 'running');
    await bed.it.run('scontrol', 'suspend', id);
    await until(id, 'held');
    await bed.it.run('scontrol', 'resume', id);
    await until(id, 'running');
  });

  test('a job that can never run is held, and says why', async () => {
    const { submit, until } = tryProvider({ nodesPerBlock: 5 });
    expect((await until(await submit('true'), 'held')).message).toMatch(/PartitionConfig|PartitionNodeLimit/);
  });

  test('an array is one job, which ends with its last part and fails with any', async () => {
    const { scriptDir, submit, until } = tryProvider({ schedulerOptions: '--array=0-2%1' });
    const go = join(scriptDir, 'go');
    const id = await submit(`until [ -e ${go} ]; do sleep 0.1; done; exit "$((SLURM_ARRAY_TASK_ID % 2))"`);
    await until(id, 'running');
    writeFileSync(go, '');
    expect((await until(id, 'failed')).exitCode).toBe(1);
    expect((await bed.it.run('squeue', '-h', '-o', '%i', '-j', id)).trim()).toBe('');
  });

  test('what the controller takes while its answer is late is taken up', async () => {
    const { scriptDir, submit, until } = tryProvider({ commandTimeoutMs: 20_000 });
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

describe('with accounts that cannot be read', { timeout: 180_000 }, () => {
  const bed = useSlurmBed({ accounting: 'on' });
  beforeEach((context) => context.skip(bed.missing !== undefined, bed.missing));

  test('squeue tells of jobs while the database does not answer', async () => {
    const database = bed.it.daemon('slurmdbd');
    database.freeze();
    try {
      const { submit, until } = tryProvider({ commandTimeoutMs: 5000 });
      expect(await until(await submit('exit 3'), 'failed')).toMatchObject({ exitCode: 3 });
    } finally {
      database.thaw();
    }
  });

  test('squeue tells of jobs where sacct is not installed', async () => {
    const { scriptDir, submit, until } = tryProvider();
    const programs = join(scriptDir, 'programs');
    mkdirSync(programs);
    for (const program of ['sbatch', 'squeue', 'scancel']) {
      symlinkSync((await bed.it.run('which', program)).trim(), join(programs, program));
    }
    vi.stubEnv('PATH', programs);
    try {
      expect(await until(await submit('exit 3'), 'failed')).toMatchObject({ exitCode: 3 });
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

describe('where only certain accounts may submit', { timeout: 180_000 }, () => {
  const bed = useSlurmBed({ accounting: 'enforced' });
  beforeEach((context) => context.skip(bed.missing !== undefined, bed.missing));

  test('a job of an account that there is runs', async () => {
    const { submit, until } = tryProvider({ account: 'lab' });
    const id = await submit('true');
    expect(await bed.it.run('scontrol', '-o', 'show', 'job', id)).toContain('Account=lab');
    await until(id, 'completed');
  });

  test('a job of another account is refused, in the words of Slurm and with what was asked for', async () => {
    const { scriptDir, submit } = tryProvider({ account: 'nosuch' });
    await expect(submit('true')).rejects.toMatchObject({
      code: 'PARSL_SUBMIT',
      exitCode: 1,
      unavailable: false,
      message: expect.stringMatching(
        /sbatch .*Invalid account or account\/partition combination.*\n {2}.*SlurmProvider\(.*account: 'nosuch'/s,
      ) as string,
      command: ['sbatch', '--parsable', expect.stringContaining(scriptDir)],
    });
    expect(await bed.it.run('squeue', '--states=all', '-h', '-o', '%o')).not.toContain(scriptDir);
  });
});
