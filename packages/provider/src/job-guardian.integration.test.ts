import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const FIXTURE = fileURLToPath(new URL('fixtures/submits-jobs.mjs', import.meta.url));
/** What is submitted and neither over nor cancelled. */
const OPEN = ['busy', "quo'ted $(id)", 'waiting'];

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'job-guardian-'));
});
afterEach(async () => {
  await vi.waitFor(() => expect(guardians()).toEqual([]), { timeout: 30_000 });
  rmSync(directory, { recursive: true, force: true });
});

const submitter = (then: 'wait' | 'cancel' | 'end'): ChildProcess =>
  fork(FIXTURE, [directory, then], { env: { ...process.env, JOBS_OF: directory } });

const cancelled = (): string[] =>
  readFileSync(join(directory, 'cancelled'), 'utf8').trim().split('\n').sort();

/** Processes of this test's submitter, apart from itself. */
function guardians(): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return environment.includes(`JOBS_OF=${directory}\0`) && !command.includes(FIXTURE);
    } catch {
      // No process, or gone.
      return false;
    }
  });
}

test.each(['SIGKILL', 'SIGHUP'] as const)(
  'jobs of a process that %s ends are cancelled, each once, whatever their names; the others are not',
  async (signal) => {
    const child = submitter('wait');
    await once(child, 'message');
    expect(guardians()).not.toEqual([]);
    expect(cancelled()).toEqual(['cancelled']);
    child.kill(signal);
    await vi.waitFor(() => expect(cancelled()).toEqual([...OPEN, 'cancelled'].sort()), { timeout: 30_000 });
  },
);

test('a process that does not cancel its jobs ends when it has nothing left to do, and so do they', async () => {
  await once(submitter('end'), 'exit');
  await vi.waitFor(() => expect(cancelled()).toEqual([...OPEN, 'cancelled'].sort()), { timeout: 30_000 });
});

test('what was cancelled at the last moment is not cancelled again', async () => {
  await once(submitter('cancel'), 'exit');
  await vi.waitFor(() => expect(guardians()).toEqual([]), { timeout: 30_000 });
  expect(cancelled()).toEqual([...OPEN, 'cancelled'].sort());
});
