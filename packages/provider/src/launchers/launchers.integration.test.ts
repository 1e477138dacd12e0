import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../configuration-error.js';
import type { Launcher } from '../launcher.js';
import { AprunLauncher } from './aprun-launcher.js';
import { GnuParallelLauncher } from './gnu-parallel-launcher.js';
import { JsrunLauncher } from './jsrun-launcher.js';
import { MpiExecLauncher } from './mpi-exec-launcher.js';
import { MpiRunLauncher } from './mpi-run-launcher.js';
import { SimpleLauncher } from './simple-launcher.js';
import { SingleNodeLauncher } from './single-node-launcher.js';
import { SrunLauncher } from './srun-launcher.js';
import { SrunMpiLauncher } from './srun-mpi-launcher.js';
import { AWKWARD_COMMANDS, needs, TrialScripts } from './testing/trial-script.js';
import { WrappedLauncher } from './wrapped-launcher.js';

const trial = new TrialScripts();

const overrides = `-x 'a b' "it's"`;
const LAUNCHERS: readonly Launcher[] = [
  new SimpleLauncher(),
  new SingleNodeLauncher(),
  new SingleNodeLauncher({ failOnAny: true }),
  new SrunLauncher({ overrides }),
  new SrunMpiLauncher({ overrides }),
  new MpiExecLauncher({ overrides }),
  new MpiRunLauncher({ overrides }),
  new GnuParallelLauncher(),
  new AprunLauncher({ overrides }),
  new JsrunLauncher({ overrides }),
  new WrappedLauncher({ prepend: overrides }),
  new WrappedLauncher({ prepend: 'env', launcher: new SingleNodeLauncher() }),
];

/** Every script that the launchers make of commands, each in a file of its own. */
function allScripts(commands: readonly string[]): readonly string[] {
  mkdirSync(trial.path('all'));
  const scripts = LAUNCHERS.flatMap((launcher) =>
    commands.flatMap((command) => [
      trial.script(launcher, command),
      trial.script(launcher, command, { tasksPerNode: 2, nodesPerBlock: 3, secret: 'secret' }),
    ]),
  );
  return scripts.map((script, index) => {
    const path = join(trial.path('all'), `${String(index)}.sh`);
    writeFileSync(path, script);
    return path;
  });
}

describe('what launchers write', () => {
  test('is bash, whatever the command', () => {
    const checkAll = 'for script; do bash -n "$script" || exit; done';
    const { status, stderr } = spawnSync('bash', ['-c', checkAll, 'bash', ...allScripts(AWKWARD_COMMANDS)], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  test('gives shellcheck nothing to say', (context) => {
    needs(context, 'shellcheck');
    // It does not see that a trap calls a function, nor that quoted text is a program for another shell.
    const options = ['--norc', '--format=gcc', '--exclude=SC2317,SC2016,SC1003,SC1010'];
    const scripts = allScripts(AWKWARD_COMMANDS.filter((_, index) => index % 4 === 1));
    const { status, stdout } = spawnSync('shellcheck', [...options, ...scripts], { encoding: 'utf8' });
    expect(
      new Set(
        stdout
          .trim()
          .replaceAll(/^[^:]*:\d+:\d+: /gm, '')
          .split('\n'),
      ),
    ).toEqual(new Set(['']));
    expect(status).toBe(0);
  });
});

test.each([
  ['an unknown option', () => new SrunLauncher({ override: '' } as object)],
  ['a text that a shell would expand', () => new MpiRunLauncher({ overrides: '--host $HOSTS' })],
  ['nothing to prepend', () => new WrappedLauncher({ prepend: '' })],
  ['a launcher that is none', () => new WrappedLauncher({ prepend: 'env', launcher: {} as Launcher })],
])('%s is refused', (_, make) => {
  expect(make).toThrow(ConfigurationError);
});

test('a wrapped launcher carries secrets if the one in it does', () => {
  const open: Launcher = { label: 'open', fragment: () => '' };
  expect(new WrappedLauncher({ prepend: 'env' }).carriesSecrets).toBe(true);
  expect(new WrappedLauncher({ prepend: 'env', launcher: open }).carriesSecrets).toBe(false);
});

test('only launchers that reach no other node say that they stay on this one', () => {
  const staying = [new SimpleLauncher(), new SingleNodeLauncher(), new SrunLauncher(), new MpiExecLauncher()];
  const wrapped = staying.map((launcher) => new WrappedLauncher({ prepend: 'env', launcher }));
  expect([...staying, ...wrapped].map((launcher: Launcher) => launcher.staysOnNode === true)).toEqual([
    ...[true, true, false, false],
    ...[true, true, false, false],
  ]);
});

/** Launchers that need nothing but bash. */
describe.each<[string, Launcher]>([
  ['SimpleLauncher', new SimpleLauncher()],
  ['SingleNodeLauncher', new SingleNodeLauncher()],
  ['WrappedLauncher', new WrappedLauncher({ prepend: ['env', 'A=x y', 'B=$HOME'] })],
])('%s', (_, launcher) => {
  const run = (command: string, tasksPerNode = 1) =>
    trial.run(trial.script(launcher, command, { tasksPerNode }));

  test('the exit code of one copy is the exit code of the job', () => {
    expect(run('/bin/sh -c "exit 7"').status).toBe(7);
    expect(run('true; exit 7').status).toBe(7);
    expect(run('/bin/true').status).toBe(0);
  });

  test('a line that is no command fails without a trace of it in the rest of the script', () => {
    expect(run('echo "').status).not.toBe(0);
    expect(run('/no/such/program').status).toBe(127);
  });

  test('nothing is written to any directory', () => {
    run('/bin/true', 2);
    expect(readdirSync(trial.directory).sort()).toEqual(['bin', 'home', 'scripts']);
    expect(readdirSync(trial.path('scripts'))).toEqual([]);
  });

  test('a compound command gets signals', async () => {
    const command = `bash -c 'trap "echo got; exit 3" TERM; echo up; while :; do sleep 0.01; done'; exit $?`;
    const { stdout, status } = await trial.signalled(trial.script(launcher, command), 1, 'SIGTERM');
    expect(stdout).toBe('up\ngot\n');
    expect(status).not.toBe(0);
  });
});

test('a wrapper gets the command, whole', () => {
  const launcher = new WrappedLauncher({ prepend: ['env', 'A=x y', 'B=$HOME'] });
  expect(trial.run(trial.script(launcher, 'echo "$A"; echo "$B"')).stdout).toBe('x y\n$HOME\n');
  expect(trial.run(trial.script(launcher, '/usr/bin/printenv A')).stdout).toBe('x y\n');
});
