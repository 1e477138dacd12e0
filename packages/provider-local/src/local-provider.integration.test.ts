import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SimpleLauncher, SrunLauncher, SubmitError, type JobStatus } from '@parsl-ts/provider';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LocalProviderOptions } from './local-provider-options.js';
import { LocalProvider } from './local-provider.js';

let scriptDir: string;
const jobs: { readonly provider: LocalProvider; readonly id: string }[] = [];

beforeEach(() => {
  scriptDir = mkdtempSync(join(tmpdir(), 'local-provider-'));
});
afterEach(async () => {
  await Promise.all(jobs.splice(0).map(({ provider, id }) => provider.cancel([id])));
  rmSync(scriptDir, { recursive: true, force: true });
});

async function submit(provider: LocalProvider, command: string, name = 'block-0'): Promise<string> {
  const id = await provider.submit({ name, command, tasksPerNode: 1, scriptDir });
  jobs.push({ provider, id });
  return id;
}

async function ended(provider: LocalProvider, id: string): Promise<JobStatus> {
  const look = async () => {
    const status = (await provider.status([id])).get(id);
    if (status === undefined || status.state === 'running') {
      throw new Error('it has not ended');
    }
    return status;
  };
  return vi.waitFor(look, { timeout: 20_000 });
}

const text = (file: string) => readFileSync(join(scriptDir, file), 'utf8');

describe('LocalProvider', () => {
  test('has defaults that use this machine', () => {
    expect(new LocalProvider()).toMatchObject({
      label: 'local',
      nodesPerBlock: 1,
      node: { cores: availableParallelism() },
      blocks: { init: 1, min: 0, max: 1, parallelism: 1 },
      pollIntervalMs: 1000,
    });
  });

  test.each<[object, string]>([
    [{ maxblocks: 3 }, "unknown option 'maxblocks' of LocalProvider; did you mean 'maxBlocks'?"],
    [{ channel: {} }, "option 'channel' of LocalProvider does not exist: there are no channels"],
    [{ script_dir: '/x' }, "option 'script_dir' of LocalProvider does not exist: each run has its own"],
    [{ move_files: true }, "option 'move_files' of LocalProvider does not exist"],
    [{ cmd_timeout: 3 }, "unknown option 'cmd_timeout' of LocalProvider"],
    [{ initBlocks: 2, maxBlocks: 1 }, "option 'initBlocks' of LocalProvider is 2, more than 'maxBlocks'"],
    [{ launcher: () => '' }, "option 'launcher' of LocalProvider must be a Launcher"],
  ])('%j is refused', (options: LocalProviderOptions, message) => {
    expect(() => new LocalProvider(options)).toThrow(message);
  });

  test('keeps to this machine unless its launcher reaches others', () => {
    expect(new LocalProvider({ nodesPerBlock: 2 }).onThisHost).toBe(true);
    expect(new LocalProvider({ nodesPerBlock: 2, launcher: new SrunLauncher() }).onThisHost).toBe(false);
  });

  test('leaves the script and its output where a user finds them', async () => {
    const provider = new LocalProvider({ workerInit: 'export GREETING=hello', cores: 3, memoryGb: 1.5 });
    const command = 'echo "$GREETING $JOBNAME $PARSL_CORES $PARSL_MEMORY_GB"';
    const status = await ended(provider, await submit(provider, command, 'parsl.cpu.block-7'));
    expect(status).toEqual({
      state: 'completed',
      exitCode: 0,
      stdoutPath: join(scriptDir, 'parsl.cpu.block-7.out'),
      stderrPath: join(scriptDir, 'parsl.cpu.block-7.err'),
    });
    expect(text('parsl.cpu.block-7.out')).toBe('hello parsl.cpu.block-7 3 1.5\n');
    expect(spawnSync('bash', ['-n', join(scriptDir, 'parsl.cpu.block-7.sh')]).status).toBe(0);
    expect(statSync(join(scriptDir, 'parsl.cpu.block-7.sh')).mode & 0o100).toBe(0o100);
  });

  test('a plain command is the very process that was started: no shell stays in between', async () => {
    const provider = new LocalProvider();
    const id = await submit(provider, "/bin/sh -c 'echo $$'");
    await ended(provider, id);
    expect(id).toMatch(new RegExp(`^${text('block-0.out').trim()}\\.`));
  });

  test('tells exit codes and signals', async () => {
    const provider = new LocalProvider({ launcher: new SimpleLauncher() });
    expect(await ended(provider, await submit(provider, 'exit 7', 'a'))).toMatchObject({
      state: 'failed',
      exitCode: 7,
    });
    const killed = await ended(provider, await submit(provider, "/bin/sh -c 'kill -KILL $$'", 'b'));
    expect(killed).toMatchObject({
      state: 'failed',
      signal: 'SIGKILL',
    });
    expect(killed).not.toHaveProperty('exitCode');
    const told = await ended(provider, await submit(provider, "/bin/sh -c 'kill -KILL $$'; exit $?", 'c'));
    expect(told).toMatchObject({ state: 'failed', exitCode: 137, signal: 'SIGKILL' });
  });

  test('a block that has run for its walltime is ended, and timed out', async () => {
    const provider = new LocalProvider({ walltime: '00:00:01', cancelGraceMs: 200 });
    expect(provider.walltimeMs).toBe(1000);
    const before = performance.now();
    const status = await ended(
      provider,
      await submit(provider, "/bin/sh -c 'trap : TERM; while :; do sleep 0.05; done'"),
    );
    expect(performance.now() - before).toBeGreaterThanOrEqual(1000);
    expect(status).toMatchObject({ state: 'timeout' });
  });

  test('cancel gives a block the time to end by itself, and reports it when it is gone', async () => {
    const provider = new LocalProvider({ cancelGraceMs: 10_000 });
    const id = await submit(
      provider,
      `bash -c 'trap "echo ending; exit 0" TERM; echo up; while :; do sleep 0.02; done'`,
    );
    await vi.waitFor(
      () => {
        expect(text('block-0.out')).toBe('up\n');
      },
      { timeout: 20_000 },
    );
    expect((await provider.cancel([id])).get(id)).toBe('cancelled');
    expect(text('block-0.out')).toBe('up\nending\n');
    expect((await provider.status([id])).get(id)?.state).toBe('cancelled');
  });

  test('cancelNow has ended a block when it returns', async () => {
    const provider = new LocalProvider();
    const id = await submit(provider, '/bin/sleep 60');
    const pid = Number.parseInt(id, 10);
    const state = () => / ([A-Z]) /.exec(readFileSync(`/proc/${String(pid)}/stat`, 'utf8'))?.[1];
    expect(state()).not.toBe('Z');
    provider.cancelNow([id]);
    // Nobody has had the time to collect it.
    expect(state()).toBe('Z');
    expect(await ended(provider, id)).toMatchObject({ state: 'cancelled' });
  });

  test.each([
    ['a name that is no file name', 'a/b', "'.', '_' and '-' only"],
    ['a name that is taken', 'taken', 'EEXIST'],
  ])('%s is a SubmitError', async (_, name, message) => {
    const provider = new LocalProvider();
    await submit(provider, 'true', 'taken');
    const error: unknown = await submit(provider, 'true', name).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SubmitError);
    expect(error).toMatchObject({
      code: 'PARSL_SUBMIT',
      jobName: name,
      message: expect.stringContaining(message) as string,
    });
  });

  test('a block does not keep the process that submitted it from ending', async () => {
    const provider = fileURLToPath(new URL('../dist/index.js', import.meta.url));
    const script = `
      const { LocalProvider } = await import(${JSON.stringify(provider)});
      const request = { name: 'b', command: '/bin/sleep 60', tasksPerNode: 1, scriptDir: ${JSON.stringify(scriptDir)} };
      console.log(await new LocalProvider().submit(request));`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let id = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (id += chunk));
    const [code] = (await once(child, 'close')) as [number];
    process.kill(-Number.parseInt(id, 10), 'SIGKILL');
    expect(code).toBe(0);
  });
});
