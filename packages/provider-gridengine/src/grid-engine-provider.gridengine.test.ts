import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { appendFile, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SchedulerError, SubmitError, type JobId, type JobStatus } from '@parsl-ts/provider';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { GridEngineProviderOptions } from './grid-engine-options.js';
import { GridEngineProvider } from './grid-engine-provider.js';
import { QrshLauncher } from './qrsh-launcher.js';
import { useGridEngineBed } from './testing/use-grid-engine-bed.js';

const bed = useGridEngineBed({ hosts: 2, slots: 4 });
const run = promisify(execFile);
const make = (options: GridEngineProviderOptions = {}) =>
  new GridEngineProvider({ pollIntervalMs: 200, ...options });

let scriptDir: string;
let submitted: { readonly provider: GridEngineProvider; readonly id: JobId }[];

beforeEach(async (context) => {
  context.skip(bed.missing !== undefined, bed.missing);
  scriptDir = await mkdtemp(join(bed.it.directory, 'tmp', 'scripts-'));
  submitted = [];
});
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(submitted.map(({ provider, id }) => provider.cancel([id])));
});

async function submit(provider: GridEngineProvider, command: string): Promise<JobId> {
  const name = `parsl.test.block-${String(submitted.length)}`;
  const id = await provider.submit({ name, command, tasksPerNode: 1, scriptDir });
  submitted.push({ provider, id });
  return id;
}

async function statusOf(provider: GridEngineProvider, id: JobId): Promise<JobStatus | undefined> {
  return (await provider.status([id])).get(id);
}

/** Waits until a job is in a state, and gives all that is said of it then. */
function until(provider: GridEngineProvider, id: JobId, state: JobStatus['state']): Promise<JobStatus> {
  return vi.waitFor(
    async () => {
      const status = await statusOf(provider, id);
      expect(status).toMatchObject({ state });
      return status!;
    },
    { timeout: 60_000, interval: 200 },
  );
}

/** Has the accounting tell of a job that had this number years ago, and ended well. */
async function noteEarlierJob(id: JobId): Promise<void> {
  const path = join(bed.it.directory, 'sge/default/common/accounting');
  const some = readFileSync(path, 'utf8').trim().split('\n').at(-1)?.split(':') ?? [];
  const earlier = some.map((field, index) => {
    if (index === 5) return id;
    if (index >= 8 && index <= 10) return String(Number(field) - 1e8);
    return index === 11 || index === 12 ? '0' : field;
  });
  await appendFile(path, `${earlier.join(':')}\n`);
  expect((await run('qacct', ['-j', id])).stdout).toMatch(/^exit_status +0 *$/m);
}

const listed = async (): Promise<string> => (await run('qstat')).stdout;

describe('GridEngineProvider', { timeout: 120_000 }, () => {
  test.each<[string, GridEngineProviderOptions, string]>([
    ['queue', { queue: 'nosuch.q' }, 'job requests unknown queue "nosuch.q"'],
    [
      'parallel environment',
      { parallelEnvironment: 'nosuch' },
      'parallel environment "nosuch" does not exist',
    ],
    ['project', { project: 'nosuch' }, 'requested project "nosuch" does not exist'],
    ['resource', { resources: ['nosuch=1'] }, 'unknown resource "nosuch"'],
    ['number of slots', { parallelEnvironment: 'smp', slotsPerNode: 5 }, 'no suitable queues'],
  ])('a %s that there is not is refused', async (_, options, message) => {
    const error: unknown = await submit(make(options), 'true').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SubmitError);
    expect(String(error)).toContain(message);
  });

  test.each<[string, GridEngineProviderOptions]>([
    ['memory, as hosts measure it', { memPerNodeGb: 0.1 }],
    ['what else they measure', { resources: ['virtual_free=100M', 'arch=lx-amd64'] }],
    ['the same in lines of its own', { schedulerOptions: '-l mem_free=100M\n-w n' }],
  ])('a job that asks for %s runs where there is enough', async (_, options) => {
    const provider = make(options);
    expect(await until(provider, await submit(provider, 'true'), 'completed')).toMatchObject({ exitCode: 0 });
  });

  test('a job that asks for more memory than any host has free waits', async () => {
    const [greedy, modest] = [make({ memPerNodeGb: 1e6 }), make()];
    const id = await submit(greedy, 'true');
    // Once a later job has run, this one was passed over.
    await until(modest, await submit(modest, 'true'), 'completed');
    expect(await statusOf(greedy, id)).toMatchObject({ state: 'pending' });
  });

  test('a job that Grid Engine could not start has failed, with the reason, and is gone', async () => {
    const provider = make({ schedulerOptions: '-S /bin/nosuch' });
    const id = await submit(provider, 'true');
    const { message } = await until(provider, id, 'failed');
    expect(message).toBe('Eqw: unable to find shell "/bin/nosuch"');
    expect(await listed()).toBe('');
  });

  test('so has a script that ends with 100, which Grid Engine takes for such an error', async () => {
    const provider = make();
    const { message } = await until(provider, await submit(provider, 'exit 100'), 'failed');
    expect(message).toBe('Eqw: exit_status of job start = 100');
    expect(await listed()).toBe('');
  });

  test('a job that its walltime ends has timed out', async () => {
    const provider = make({ walltime: '00:00:02' });
    const { signal } = await until(provider, await submit(provider, 'sleep 60'), 'timeout');
    expect(signal).toBe('SIGKILL');
  });

  test('a block that gets other hosts than it was told ends, and says so', async () => {
    const provider = make({ parallelEnvironment: 'fill', slotsPerNode: 2, nodesPerBlock: 2 });
    const { exitCode, stderrPath = '' } = await until(provider, await submit(provider, 'echo ran'), 'failed');
    expect(exitCode).toBe(1);
    expect(readFileSync(stderrPath, 'utf8')).toMatch(
      /^parsl: parallel environment fill did not give 2 slots on each of 2 hosts, but:\nexec\d 4\n.*allocation_rule 2 /,
    );
  });

  test('a job on hold is held, and so is one that is suspended', async () => {
    const provider = make({ schedulerOptions: '-h' });
    const id = await submit(provider, 'sleep 60');
    await until(provider, id, 'held');
    await run('qrls', [id]);
    await until(provider, id, 'running');
    await run('qmod', ['-sj', id]);
    await until(provider, id, 'held');
    await run('qmod', ['-usj', id]);
    await until(provider, id, 'running');
  });

  test('a job that is rescheduled runs again, and ends once', async () => {
    const provider = make({ schedulerOptions: '-r y' });
    const id = await submit(provider, `echo x >> tries; [ "$(wc -l < tries)" -gt 1 ] && exit 3; sleep 60`);
    await until(provider, id, 'running');
    await vi.waitFor(() => readFileSync(join(scriptDir, 'tries')), { timeout: 20_000 });
    await run('qmod', ['-rj', id]);
    expect(await until(provider, id, 'failed')).toMatchObject({ exitCode: 3 });
  });

  test('a job that somebody deletes before it starts has failed, but not at once', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const other = make();
    await until(other, await submit(other, 'true'), 'completed');
    const provider = make({ schedulerOptions: '-h' });
    const id = await submit(provider, 'true');
    await noteEarlierJob(id);
    await until(provider, id, 'held');
    await run('qdel', [id]);
    expect(await statusOf(provider, id)).toMatchObject({ state: 'held' });
    vi.advanceTimersByTime(119_000);
    expect(await statusOf(provider, id)).toMatchObject({ state: 'held' });
    vi.advanceTimersByTime(2000);
    const { state, message } = (await statusOf(provider, id)) ?? {};
    expect(state).toBe('failed');
    expect(message).toContain('qacct has no record of its end');
  });

  test('while the qmaster is down nothing changes, and nothing is lost', async () => {
    const provider = make();
    const id = await submit(provider, 'while [ ! -e go ]; do sleep 0.1; done');
    await until(provider, id, 'running');
    await bed.it.killQmaster();
    await expect(provider.status([id])).rejects.toBeInstanceOf(SchedulerError);
    await expect(submit(provider, 'true')).rejects.toBeInstanceOf(SubmitError);
    await expect(provider.cancel([id])).rejects.toBeInstanceOf(SchedulerError);
    await run('touch', [join(scriptDir, 'go')]);
    await bed.it.startQmaster();
    // Its script may end before the qmaster is back, or after that. The host reports it when that is back as well.
    expect(['running', 'completed']).toContain((await statusOf(provider, id))?.state);
    expect(await until(provider, id, 'completed')).toMatchObject({ exitCode: 0 });
  });

  test('jobs on a host that is dead have failed, but not at once; cancelled ones are cancelled', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const provider = make({ resources: ['h=exec1'] });
    const [lost, cancelled] = [await submit(provider, 'sleep 60'), await submit(provider, 'sleep 60')];
    await until(provider, lost, 'running');
    await until(provider, cancelled, 'running');
    await bed.it.killHost('exec1');
    await vi.waitFor(async () => {
      expect((await run('qselect', ['-qs', 'u'])).stdout).toContain('exec1');
    }, 60_000);
    expect((await provider.cancel([cancelled])).get(cancelled)).toBe('cancelled');
    expect(await statusOf(provider, cancelled)).toMatchObject({ state: 'cancelled' });
    expect(await statusOf(provider, lost)).toMatchObject({ state: 'running' });
    vi.advanceTimersByTime(121_000);
    expect(await statusOf(provider, lost)).toMatchObject({
      state: 'failed',
      message: 'its host is not heard of any more (all.q@exec1)',
    });
    await bed.it.startHost('exec1');
  });

  describe('a block of several hosts', () => {
    const pairs = { parallelEnvironment: 'pairs', slotsPerNode: 2, nodesPerBlock: 2 };

    test('runs on each of them, with the environment of the script', async () => {
      const provider = make({ ...pairs, workerInit: 'export GREETING="it\'s \\$me"' });
      const id = await submit(provider, 'echo "$(uname -n) $GREETING $PARSL_CORES"');
      const { stdoutPath = '' } = await until(provider, id, 'completed');
      expect(readFileSync(stdoutPath, 'utf8').trim().split('\n').sort()).toEqual([
        "exec1 it's $me 2",
        "exec2 it's $me 2",
      ]);
      expect(readdirSync(scriptDir).filter((name) => name.endsWith('.host'))).toEqual([]);
    });

    test('fails with the exit code of a copy on another host, if it may not', async () => {
      const provider = make({ ...pairs, launcher: new QrshLauncher({ failOnAny: true }) });
      // The script itself runs on the first host of the list.
      const command = 'read -r first _ <"$PE_HOSTFILE"; [ "$(uname -n)" = "$first" ] || exit 9';
      expect(await until(provider, await submit(provider, command), 'failed')).toMatchObject({ exitCode: 9 });
    });
  });
});
