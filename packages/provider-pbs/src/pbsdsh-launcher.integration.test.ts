import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shellQuote } from '@parsl-ts/provider';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PbsdshLauncher, type PbsdshLauncherOptions } from './pbsdsh-launcher.js';

/**
 * Does what the pbsdsh of OpenPBS does with one node: the program gets the daemon's environment and no input, and writes to
 * the job's output; SIGTERM is handed on and not waited for; the exit code is 0 whatever the program's.
 */
const PBSDSH = `#!/bin/bash
[ "$1" = -n ] && [ "$3" = -- ] || exit 2
index=$2
output=$JOB_OUTPUT
shift 3
PATH=/usr/bin:/bin
for name in $(compgen -e); do
  [[ $name == PATH ]] || unset "$name"
done
export HOME=/ TMPDIR=/of-the-node PBS_NODENUM=$index
"$@" </dev/null >>"$output" &
task=$!
trap 'echo "pbsdsh: killing task 0x20000001 signal 15"; kill -TERM $task; exit 1' TERM
wait $task
status=$?
[ $status -le 128 ] || status=$((status + 128))
[ $status = 0 ] || echo "pbsdsh: task 0x00000000 exit status $status"
`;

let root: string;
let scriptDir: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pbsdsh-'));
  scriptDir = join(root, `it's "odd" $(echo x)`);
  mkdirSync(scriptDir);
  mkdirSync(join(root, 'bin'));
  writeFileSync(join(root, 'bin', 'pbsdsh'), PBSDSH, { mode: 0o755 });
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

interface Run {
  readonly command: string;
  readonly tasksPerNode?: number;
  /** Lines of $PBS_NODEFILE. */
  readonly slots?: readonly string[];
  readonly options?: PbsdshLauncherOptions;
}

function start({ command, tasksPerNode = 1, slots = ['n1', 'n2'], options }: Run) {
  const nodefile = join(root, 'nodefile');
  writeFileSync(nodefile, slots.map((slot) => `${slot}\n`).join(''));
  const request = { name: 'b', command, tasksPerNode, nodesPerBlock: 2, scriptDir };
  const script = new PbsdshLauncher(options).fragment(request);
  const env = {
    PATH: `${join(root, 'bin')}:${process.env['PATH'] ?? ''}`,
    PBS_NODEFILE: nodefile,
    PBS_NODENUM: '0',
    TMPDIR: '/of-the-script',
    JOB_OUTPUT: outputPath(),
    MINE: 'two\nlines & "quotes"',
    'BASH_FUNC_greet%%': '() { echo "hello $1"; }',
  };
  const output = openSync(outputPath(), 'a');
  try {
    const stdio = ['ignore', output, 'pipe'] as const;
    return spawn('bash', ['-c', `cd ${shellQuote(root)}\n${script}`], { env, stdio: [...stdio] });
  } finally {
    closeSync(output);
  }
}

const outputPath = () => join(root, 'output');
const lines = () => linesOf(outputPath());
const linesOf = (path: string) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .sort();

async function run(how: Run) {
  const child = start(how);
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, lines: lines(), stderr };
}

describe('PbsdshLauncher', () => {
  test('runs the copies on each node once, however many lines a node has', async () => {
    const slots = ['n1', 'n1', 'n2', 'n2', 'n1'];
    const { code, lines } = await run({ command: 'echo "slot $PBS_NODENUM"', tasksPerNode: 2, slots });
    expect(lines).toEqual(['slot 0', 'slot 0', 'slot 2', 'slot 2']);
    expect(code).toBe(0);
  });

  test('hands the environment and exported functions on, but not what belongs to a node', async () => {
    const command = `printf '%s|%s|%s|%s|%s|\\n' "\${MINE//$'\\n'/ }" "$(greet me)" "$TMPDIR" "$PBS_NODENUM" "$(pwd)"`;
    const { lines } = await run({ command });
    expect(lines).toEqual(
      [0, 1].map((node) => `two lines & "quotes"|hello me|/of-the-node|${String(node)}|${root}|`),
    );
  });

  test.each<[string, number, Run]>([
    ['all nodes fail', 7, { command: 'exit 7' }],
    ['one of them does', 0, { command: 'exit $PBS_NODENUM' }],
    [
      'one of them does, and each is needed',
      1,
      { command: 'exit $PBS_NODENUM', options: { failOnAny: true } },
    ],
    ['a signal ends the command', 137, { command: `/bin/sh -c 'kill -KILL $$'` }],
    ['there is no such command', 127, { command: '/no/such/command' }],
  ])('has the exit code of what it ran: %s', async (_, code, how) => {
    expect((await run(how)).code).toBe(code);
  });

  test('waits for all nodes', async () => {
    const command = '[ "$PBS_NODENUM" = 0 ] || { sleep 0.5; echo late; }';
    expect((await run({ command })).lines).toEqual(['late']);
  });

  test('hands SIGTERM on to every node', async () => {
    const command = `trap 'echo "$PBS_NODENUM" >> ${shellQuote(join(root, 'ended'))}; exit 0' TERM
      echo started; while :; do sleep 0.1; done`;
    const child = start({ command });
    await expect.poll(lines).toEqual(['started', 'started']);
    child.kill('SIGTERM');
    await once(child, 'close');
    await expect.poll(() => linesOf(join(root, 'ended'))).toEqual(['0', '1']);
  });

  test('leaves nothing in the script directory', async () => {
    await run({ command: 'exit 3' });
    expect(readdirSync(scriptDir)).toEqual([]);
  });

  test('says what to do when a node does not see the script directory', async () => {
    // Gone before the node looks.
    writeFileSync(
      join(root, 'bin', 'pbsdsh'),
      PBSDSH.replace('shift 3', `shift 3\nrm ${shellQuote(scriptDir)}/*/environment`),
    );
    const { code, stderr } = await run({ command: 'true', slots: ['n1'] });
    expect(code).toBe(1);
    expect(stderr).toContain('PbsdshLauncher needs a run directory that all nodes share');
  });

  test('without a list of nodes it says so, and leaves nothing', () => {
    const request = { name: 'b', command: 'true', tasksPerNode: 1, nodesPerBlock: 2, scriptDir };
    const { status, stderr } = spawnSync('bash', ['-s'], {
      input: new PbsdshLauncher().fragment(request),
      env: { PATH: process.env['PATH'] },
      encoding: 'utf8',
    });
    expect(stderr).toContain('PBS_NODEFILE: it is not set, and PbsdshLauncher needs the list of nodes');
    expect(status).not.toBe(0);
    expect(readdirSync(scriptDir)).toEqual([]);
  });

  test('is sound bash, whatever it is asked to run', () => {
    const command = `echo 'a' "$(b)" \\ \`c\` && exit 3 # end`;
    const request = { name: 'b', command, tasksPerNode: 2, nodesPerBlock: 2, scriptDir };
    const input = `#!/bin/bash\n${new PbsdshLauncher().fragment(request)}`;
    const { status, stderr } = spawnSync('bash', ['-n'], { input, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });
});
