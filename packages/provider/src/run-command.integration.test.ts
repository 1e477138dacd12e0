import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { runCommand } from './run-command.js';
import { SchedulerError } from './scheduler-errors.js';
import { isRunning } from './testing/is-running.js';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) {
    cleanup();
  }
});

const sh = (text: string) => ['sh', '-c', text];
const quick = { timeoutMs: 10_000 };

/** A directory that is removed after the test. */
function directoryForTest(): string {
  const directory = mkdtempSync(join(tmpdir(), 'run-command-'));
  cleanups.push(() => {
    rmSync(directory, { recursive: true });
  });
  return directory;
}

async function failure(promise: Promise<unknown>): Promise<SchedulerError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof SchedulerError)) {
    throw new Error(`expected a SchedulerError, got ${String(error)}`);
  }
  return error;
}

describe('runCommand', () => {
  test('gives exit code and output of both streams', async () => {
    expect(await runCommand(sh('echo out; echo err >&2; exit 3'), quick)).toEqual({
      exitCode: 3,
      signal: undefined,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  test('a command that a signal ended has no exit code', async () => {
    expect(await runCommand(sh('kill -KILL $$'), quick)).toMatchObject({
      exitCode: undefined,
      signal: 'SIGKILL',
    });
  });

  test('arguments go through no shell', async () => {
    const words = ['a b', '$(echo x)', '*', '', 'ü', 'new\nline'];
    const argv = [process.execPath, '-p', 'JSON.stringify(process.argv.slice(1))', '--', ...words];
    expect(JSON.parse((await runCommand(argv, quick)).stdout)).toEqual(words);
  });

  test('sees the environment of the moment', async () => {
    cleanups.push(() => delete process.env['RUN_COMMAND_TEST']);
    process.env['RUN_COMMAND_TEST'] = 'first';
    expect((await runCommand(sh('echo $RUN_COMMAND_TEST'), quick)).stdout).toBe('first\n');
    process.env['RUN_COMMAND_TEST'] = 'second';
    expect((await runCommand(sh('echo $RUN_COMMAND_TEST'), quick)).stdout).toBe('second\n');
  });

  test('finds commands in the PATH of the moment', async () => {
    const directory = directoryForTest();
    const path = process.env['PATH'];
    cleanups.push(() => {
      process.env['PATH'] = path;
    });
    writeFileSync(join(directory, 'my-sbatch'), '#!/bin/sh\necho mine\n', { mode: 0o755 });
    process.env['PATH'] = `${directory}:${path ?? ''}`;
    expect((await runCommand(['my-sbatch'], quick)).stdout).toBe('mine\n');
  });

  test('takes input, and does not mind a command that ignores it', async () => {
    expect((await runCommand(['cat'], { ...quick, input: 'text' })).stdout).toBe('text');
    expect((await runCommand(['true'], { ...quick, input: 'x'.repeat(1_000_000) })).exitCode).toBe(0);
  });

  test('a megabyte of output comes through', async () => {
    const { stdout } = await runCommand(sh('head -c 1000000 /dev/zero | tr "\\0" x'), quick);
    expect(stdout).toBe('x'.repeat(1_000_000));
  });

  test('more output than allowed ends the command', async () => {
    const error = await failure(runCommand(['yes'], { ...quick, maxOutputBytes: 100_000 }));
    expect(error.message).toBe('yes wrote more than 100000 bytes and was killed');
    expect(error.stdout.length).toBeLessThan(2100);
  });

  test('a command that is not there', async () => {
    const error = await failure(runCommand(['no-such-sbatch', '-x'], quick));
    expect(error).toMatchObject({ code: 'PARSL_SCHEDULER', command: ['no-such-sbatch', '-x'] });
    expect(error.message).toMatch(/^cannot run no-such-sbatch: there is no such command here/);
  });

  test('after its time limit the whole process group is killed', async () => {
    const error = await failure(
      runCommand(sh("trap '' TERM; sleep 60 & echo $! $$; wait; sleep 60"), { timeoutMs: 3000 }),
    );
    expect(error.message).toContain('did not end within 3000 ms and was killed');
    const pids = error.stdout.trim().split(' ').map(Number);
    expect(pids).toHaveLength(2);
    expect(pids.filter(isRunning)).toEqual([]);
  });

  test('aborting kills it too', async () => {
    const controller = new AbortController();
    const up = join(directoryForTest(), 'up');
    const running = failure(
      runCommand([...sh('echo $$; : > "$0"; exec sleep 60'), up], {
        timeoutMs: 60_000,
        signal: controller.signal,
      }),
    );
    await vi.waitFor(
      () => {
        expect(existsSync(up)).toBe(true);
      },
      { timeout: 20_000 },
    );
    // What it has written is read before an immediate runs.
    await new Promise(setImmediate);
    controller.abort(new Error('enough'));
    const error = await running;
    expect(error.message).toContain('was aborted');
    expect(error.cause).toMatchObject({ message: 'enough' });
    expect(error.stdout).toMatch(/^\d+\n$/);
    expect(isRunning(Number(error.stdout))).toBe(false);
    expect((await failure(runCommand(['true'], { ...quick, signal: controller.signal }))).message).toContain(
      'true was not run: aborted',
    );
  });

  test('what a command leaves behind neither delays the result nor stays', async () => {
    // It is not waited for until it ends: the command would be given up before that.
    const { stdout } = await runCommand(sh('sleep 60 & echo $!'), { timeoutMs: 30_000 });
    expect(isRunning(Number(stdout))).toBe(false);
  });
});
