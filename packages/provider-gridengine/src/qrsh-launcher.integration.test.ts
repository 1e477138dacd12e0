import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shellCommand } from '@parsl-ts/provider';
import { expect, onTestFinished, test } from 'vitest';
import { QrshLauncher } from './qrsh-launcher.js';

/** Does what qrsh does with another host: a shell there reads the command, in an environment that Grid Engine makes. */
const QRSH = `#!/bin/bash
[ "$1 $2" = "-inherit -nostdin" ] || exit 2
host=$3; shift 3
exec env -i PATH=/usr/bin:/bin TMPDIR=/of-the-host SGE_TASK_ID="$host" /bin/sh -c "$*"
`;

test.each([
  '/bin/pool',
  `echo 'it'\\''s' "q\\"q" $(echo sub) \`echo back\` $HOME`,
  'echo "',
  'fi',
  'echo one\necho two',
  shellCommand(['/bin/echo', 'a b', "it's", '$(false)', '*', 'new\nline']),
])('the fragment for %j passes bash -n', (command) => {
  for (const scriptDir of ['/run', `/it's a "dir" $(echo x) ü`]) {
    const request = { name: 'b', command, tasksPerNode: 2, nodesPerBlock: 3, scriptDir };
    const text = new QrshLauncher({ failOnAny: true }).fragment(request);
    expect(spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    });
  }
});

test('hands on what the script exported, in a file for its user only, but not what belongs to a host', () => {
  const root = mkdtempSync(join(tmpdir(), 'qrsh-'));
  onTestFinished(() => {
    rmSync(root, { recursive: true, force: true });
  });
  const scriptDir = join(root, `it's "odd"`);
  mkdirSync(scriptDir);
  writeFileSync(join(root, 'qrsh'), QRSH, { mode: 0o755 });
  writeFileSync(join(root, 'hosts'), 'h1 1 q@h1 UNDEFINED\nh2 1 q@h2 UNDEFINED\n');
  const command = `echo "$SGE_TASK_ID|\${MINE//$'\\n'/ }|$(greet me)|$TMPDIR|$(stat -c %a ${shellCommand([scriptDir])}/*)"`;
  const request = { name: 'b', command, tasksPerNode: 1, nodesPerBlock: 2, scriptDir };
  const { stdout, stderr } = spawnSync('bash', ['-c', new QrshLauncher().fragment(request)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      ...{
        PE_HOSTFILE: join(root, 'hosts'),
        SGE_BINARY_PATH: root,
        SGE_TASK_ID: 'h1',
        TMPDIR: '/of-the-first',
      },
      ...{ MINE: 'two\nlines & "quotes"', 'BASH_FUNC_greet%%': '() { echo "hello $1"; }' },
    },
  });
  expect(stdout.trim().split('\n').sort()).toEqual([
    'h1|two lines & "quotes"|hello me|/of-the-first|600',
    'h2|two lines & "quotes"|hello me|/of-the-host|600',
  ]);
  expect(stderr).toBe('');
  expect(readdirSync(scriptDir)).toEqual([]);
});

test('options are checked', () => {
  // @ts-expect-error -- there is no such option
  expect(() => new QrshLauncher({ fail: true })).toThrow("unknown option 'fail' of QrshLauncher");
});
