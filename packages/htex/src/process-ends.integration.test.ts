import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

import { useRunDirectory } from './testing/run-directory.js';

const SCRIPT = fileURLToPath(new URL('testing/fixtures/lives-and-dies.mjs', import.meta.url));
const GIVES_UP = fileURLToPath(new URL('testing/fixtures/gives-up.mjs', import.meta.url));
const run = useRunDirectory();

/** Whether a process runs; one that nobody has waited for yet does not. */
function isRunning(pid: number): boolean {
  try {
    const [, state = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
    return !state.startsWith('Z');
  } catch {
    return false;
  }
}

/** Waits until none of these runs. */
async function gone(pids: readonly number[], patienceMs: number): Promise<void> {
  const start = performance.now();
  while (pids.some(isRunning)) {
    if (performance.now() - start > patienceMs) {
      throw new Error(`still running: ${pids.filter(isRunning).map(commandLine).join('; ')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function commandLine(pid: number): string {
  try {
    return `${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')}`;
  } catch {
    return `${pid}, which has gone meanwhile`;
  }
}

interface End {
  readonly how: string;
  /** Sent to the script once it is at work. */
  readonly signal?: NodeJS.Signals;
  readonly code: number | null;
  readonly by: NodeJS.Signals | null;
}

const ENDS: readonly End[] = [
  { how: 'close', code: 0, by: null },
  { how: 'forget', code: 0, by: null },
  { how: 'throw', code: 1, by: null },
  { how: 'exit', code: 5, by: null },
  { how: 'wait', signal: 'SIGKILL', code: null, by: 'SIGKILL' },
  { how: 'wait', signal: 'SIGINT', code: null, by: 'SIGINT' },
  { how: 'wait', signal: 'SIGTERM', code: null, by: 'SIGTERM' },
  { how: 'wait', signal: 'SIGHUP', code: null, by: 'SIGHUP' },
];

test.each(ENDS)('nothing is left after $how $signal', async ({ how, signal, code, by }) => {
  const script = spawn(process.execPath, [SCRIPT, how, run.path], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  script.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const exited = once(script, 'exit');
  const [line] = (await Promise.race([
    once(createInterface(script.stdout), 'line'),
    // What it wrote may be read only after it has exited.
    once(script, 'close').then(() => Promise.reject(new Error(stderr))),
  ])) as [string];
  const pids = JSON.parse(line) as number[];
  // Two workers, their manager, the interchange.
  expect(pids.length).toBeGreaterThanOrEqual(4);
  if (signal !== undefined) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    script.kill(signal);
  }
  await expect(exited).resolves.toEqual([code, by]);
  await gone(pids, 20_000);
});

test('a script whose blocks all failed ends by itself, although close() was forgotten', async () => {
  const script = spawn(process.execPath, [GIVES_UP, run.path], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void script.kill('SIGKILL'));
  let stdout = '';
  script.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  await expect(once(script, 'close')).resolves.toEqual([0, null]);
  const end = ['PARSL_EXECUTOR_FAILED', 'PARSL_TOO_MANY_JOB_FAILURES'];
  expect(JSON.parse(stdout)).toEqual([end, end, end]);
});
