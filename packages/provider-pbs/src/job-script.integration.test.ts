import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ProcessGroup, shellCommand, SingleNodeLauncher } from '@parsl-ts/provider';
import { expect, onTestFinished, test } from 'vitest';
import { pbsScript } from './job-script.js';
import { SCRIPT_OPTIONS } from './testing/script-options.js';

const OPTIONS = { ...SCRIPT_OPTIONS, launcher: new SingleNodeLauncher() };

interface Run {
  readonly command?: string;
  readonly workerInit?: string;
  readonly tasksPerNode?: number;
  /** Sent to every process of the script, as PBS does, when it has written a line. */
  readonly signal?: NodeJS.Signals;
}

/** Runs a script as PBS does, and gives its exit code and what it wrote to standard error. */
async function run({ command = 'true', workerInit = '', tasksPerNode = 1, signal }: Run) {
  const request = { name: 'b', command, tasksPerNode, scriptDir: '/' };
  const script = pbsScript(request, { ...OPTIONS, workerInit }, []);
  const child = spawn('bash', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  if (signal !== undefined) {
    await once(child.stdout, 'data');
    process.kill(-(child.pid ?? 0), signal);
  }
  child.stdout.resume();
  onTestFinished(() => new ProcessGroup(child).kill());
  const [code] = (await once(child, 'close')) as [number];
  return { code, lastLine: stderr.trimEnd().split('\n').at(-1) };
}

/** Lines of bash in which it waits itself, in short steps: it may hear of a signal just before it begins to wait. */
const WAITS = 'exec 3<> <(:); echo; while :; do read -t 0.1 -u 3; done';

/** A program that ends as it wants when it is told to. */
const HEEDING = shellCommand([
  process.execPath,
  '-e',
  `process.on('SIGTERM', () => process.exit(9)); console.log(); setInterval(() => {}, 1000)`,
]);

const told = (code: number) => ({
  code,
  lastLine: `parsl: the job script ended with exit code ${String(code)}`,
});

test.each<[string, number, Run]>([
  ['a command', 0, {}],
  ['a command that fails', 7, { command: 'exit 7' }],
  ['a plain command, which takes the place of a shell', 1, { command: '/bin/false' }],
  ['a command that does not exist', 127, { command: '/no/such/command' }],
  ['several copies', 3, { command: 'exit 3', tasksPerNode: 3 }],
  ['the lines before the pools', 5, { workerInit: 'exit 5' }],
  ['a mistake in the lines before the pools', 127, { workerInit: 'set -e\nnosuchcommand' }],
  ['a signal for the command', 137, { command: `/bin/sh -c 'kill -KILL $$'` }],
  ['a signal for all', 143, { command: '/bin/sh -c "echo; exec sleep 600"', signal: 'SIGTERM' }],
  ['a signal before the pools are started', 143, { workerInit: WAITS, signal: 'SIGTERM' }],
  ['a hangup before the pools are started', 129, { workerInit: WAITS, signal: 'SIGHUP' }],
  ['a signal that the command heeds', 9, { command: HEEDING, signal: 'SIGTERM' }],
])('whatever ends it, a script tells its exit code: %s', async (_, code, how) => {
  expect(await run(how)).toEqual(told(code));
});
