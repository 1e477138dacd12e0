import { describe, expect, test, vi, type TestContext } from 'vitest';
import type { Launcher } from '../launcher.js';
import { shellCommand, shellQuote } from '../shell-quote.js';
import { isRunning } from '../testing/is-running.js';
import { GnuParallelLauncher } from './gnu-parallel-launcher.js';
import { MpiExecLauncher } from './mpi-exec-launcher.js';
import { MpiRunLauncher } from './mpi-run-launcher.js';
import { AWKWARD_COMMANDS, needs, times, TrialScripts } from './testing/trial-script.js';

const trial = new TrialScripts();

/**
 * Stands in for `ssh` and `rsh`: runs a command on this host, in a session, a directory for temporary files and an
 * environment as another host would have, with the host's name in `HOST`. Signals do not reach it there; it loses its parent when the stand-in ends.
 */
const REMOTE_SHELL = `#!/bin/bash
host=$1; shift
[ "$1" != -- ] || shift
mkdir -p "$TMPDIR/$host"
setsid env -i HOME="$HOME" TMPDIR="$TMPDIR/$host" PATH=/usr/bin:/bin SHELL=/bin/sh HOST="$host" \\
  OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 /bin/sh -c "$*"
exit $?
`;

/** A launcher over a real program, and what the program needs to reach other hosts by the stand-in for a remote shell. */
interface RealLauncher {
  readonly launcher: Launcher;
  readonly program: string;
  /** What the program is called where it is not the only one of its kind. */
  readonly installedAs: string;
  readonly env: (remoteShell: string) => Readonly<Record<string, string>>;
  /** Whether it may kill copies before they have had the time to heed SIGTERM. */
  readonly isHasty: boolean;
  /** Whether it hands on everything by itself, also what belongs to a host. */
  readonly handsOnAll: boolean;
}

const HYDRA = {
  installedAs: 'mpiexec.hydra',
  env: (remoteShell: string) => ({ HYDRA_LAUNCHER: 'rsh', HYDRA_LAUNCHER_EXEC: remoteShell }),
  isHasty: false,
  handsOnAll: true,
} as const;
const OPEN_MPI = {
  installedAs: 'mpirun.openmpi',
  env: (remoteShell: string) => ({
    OMPI_MCA_plm_rsh_agent: remoteShell,
    OMPI_ALLOW_RUN_AS_ROOT: '1',
    OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1',
  }),
  isHasty: true,
  handsOnAll: false,
} as const;
const REAL: readonly (readonly [string, RealLauncher])[] = [
  ['mpiexec of MPICH', { launcher: new MpiExecLauncher(), program: 'mpiexec', ...HYDRA }],
  ['mpirun of MPICH', { launcher: new MpiRunLauncher(), program: 'mpirun', ...HYDRA }],
  ['mpiexec of Open MPI', { launcher: new MpiExecLauncher(), program: 'mpiexec', ...OPEN_MPI }],
  ['mpirun of Open MPI', { launcher: new MpiRunLauncher(), program: 'mpirun', ...OPEN_MPI }],
  [
    'GNU parallel',
    {
      launcher: new GnuParallelLauncher(),
      program: 'parallel',
      installedAs: 'parallel',
      env: (remoteShell: string) => ({ PARALLEL_SSH: remoteShell }),
      isHasty: true,
      handsOnAll: false,
    },
  ],
];

/** Standard error without what Open MPI says by itself when a process that it starts is quicker than it is, which is no harm. */
const said = (stderr: string): string =>
  stderr.replaceAll(/^\[\S+\] plm:rsh: Warning: setpgid\(.*\) failed in parent with errno=.*\n/gm, '');

const TWO_BY_TWO = { tasksPerNode: 2, nodesPerBlock: 2 };

/** What a script needs to run copies on this host. */
function oneHost(
  context: TestContext,
  { installedAs, program, env }: Omit<RealLauncher, 'launcher'>,
): Readonly<Record<string, string>> {
  needs(context, installedAs);
  trial.program('remote-shell', REMOTE_SHELL);
  if (installedAs !== program) {
    trial.program(program, `#!/bin/bash\nexec ${installedAs} "$@"\n`);
  }
  return env(trial.path('bin/remote-shell'));
}

/** The same for the hosts n1 and n2. */
function onTwoHosts(
  context: TestContext,
  real: Omit<RealLauncher, 'launcher'>,
): Readonly<Record<string, string>> {
  trial.file('hosts', 'n1\nn1\nn2\nn2\n');
  return { ...oneHost(context, real), PBS_NODEFILE: trial.path('hosts') };
}

describe.each(REAL)('%s', (_, real) => {
  const here = (context: TestContext) => oneHost(context, real);
  const twoHosts = (context: TestContext) => onTwoHosts(context, real);

  test('runs as many copies on each host as it should, with what they need', (context) => {
    const env = twoHosts(context);
    const command = 'echo "$HOST $JOBNAME $PARSL_SECRET $ADDED" && command -v added';
    const workerInit = `mkdir "$TMPDIR/added"; printf '#!/bin/sh\\n' > "$TMPDIR/added/added"; chmod +x "$TMPDIR/added/added"\nexport PATH=$TMPDIR/added:$PATH`;
    const script = trial.script(real.launcher, command, { ...TWO_BY_TWO, workerInit, secret: 's-e_cret' });
    const { stdout, stderr, status } = trial.run(script, env);
    const added = trial.path('added/added');
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.trim())
        .sort(),
    ).toEqual([
      ...[added, added, added, added],
      ...['n1 block-0 s-e_cret', 'n1 block-0 s-e_cret', 'n2 block-0 s-e_cret', 'n2 block-0 s-e_cret'],
    ]);
    expect(said(stderr)).toBe('');
    expect(status).toBe(0);
  });

  test('copies on every host know when their block ends, and what their job may use', (context) => {
    const limits = {
      PARSL_BLOCK_END: '4102444800',
      SLURM_JOB_END_TIME: '4102444801',
      SLURM_MEM_PER_NODE: '4096',
    };
    const names = Object.keys(limits).map((name) => `$${name}`);
    const script = trial.script(real.launcher, `echo "$HOST ${names.join(' ')}"`, TWO_BY_TWO);
    const { stdout } = trial.run(script, { ...twoHosts(context), ...limits });
    const values = Object.values(limits).join(' ');
    expect(stdout.trim().split('\n').sort()).toEqual(
      ['n1', 'n1', 'n2', 'n2'].map((host) => `${host} ${values}`),
    );
  });

  test('copies on every host have what the script exported, whatever it holds, and functions', (context) => {
    const env = twoHosts(context);
    const workerInit = `export OMP_NUM_THREADS=4 ODD=${shellQuote(ODD)} EMPTY=; readonly OMP_NUM_THREADS
greet() { echo "hello
$1"; }
export -f greet`;
    const show = `process.stdout.write(JSON.stringify(['HOST', 'OMP_NUM_THREADS', 'ODD', 'EMPTY', 'GREETING'].map((name) => process.env[name])) + '\\n')`;
    const command = `GREETING=$(greet "$HOST") ${process.execPath} -e ${shellQuote(show)}`;
    const { stdout, stderr, status } = trial.run(
      trial.script(real.launcher, command, { ...TWO_BY_TWO, workerInit }),
      env,
    );
    const lines = stdout.trim().split('\n').sort();
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual(
      ['n1', 'n1', 'n2', 'n2'].map((host) => [host, '4', ODD, '', `hello\n${host}`]),
    );
    expect(said(stderr)).toBe('');
    expect(status).toBe(0);
  });

  test('copies on other hosts do not have what belongs to the first one', (context) => {
    const env = twoHosts(context);
    context.skip(real.handsOnAll, 'it hands on everything');
    const firsts = {
      SLURM_NODEID: '0',
      PBS_NODENUM: '0',
      CUDA_VISIBLE_DEVICES: '7',
      SSH_TTY: 't',
    };
    const names = Object.keys(firsts).map((name) => `$${name}`);
    const command = `echo "$HOST $TMPDIR <${names.join('')}>"`;
    const { stdout } = trial.run(trial.script(real.launcher, command, TWO_BY_TWO), { ...env, ...firsts });
    expect(stdout.trim().split('\n').sort()).toEqual(
      ['n1', 'n1', 'n2', 'n2'].map((host) => `${host} ${trial.path(host)} <>`),
    );
  });

  test('no argument of a process holds the secret', (context) => {
    const env = twoHosts(context);
    const command = `echo "$PARSL_SECRET"; ${process.execPath} -p ${shellQuote(ARGUMENTS_OF_ALL)}`;
    const script = trial.script(real.launcher, command, { ...TWO_BY_TWO, secret: SECRET });
    const { stdout, stderr } = trial.run(`set -x\n${script}`, env);
    expect(times(stdout, SECRET)).toBe(4);
    expect(times(stderr, SECRET)).toBe(0);
    expect(times(stdout, '<others: >')).toBe(4);
  });

  test('arguments and awkward commands arrive as they were given', (context) => {
    const env = here(context);
    const words = [
      'a b',
      "it's",
      '"q"',
      '$(echo x)',
      '`echo x`',
      '$HOME',
      '\\',
      '*',
      '',
      'new\nline',
      'ü☃',
      '{}',
    ];
    const print = [process.execPath, '-p', 'JSON.stringify(process.argv.slice(1))', '--', ...words];
    const { stdout } = trial.run(trial.script(real.launcher, shellCommand(print)), env);
    expect(JSON.parse(stdout)).toEqual(words);
    for (const command of AWKWARD_COMMANDS.slice(2, 5)) {
      const expected = trial.run(`PATH=/usr/bin:/bin\n${command}`).stdout;
      expect(trial.run(trial.script(real.launcher, command), env).stdout).toBe(expected);
    }
  });

  test.for([
    ['fails', 'exit 5', 5],
    ['is killed', 'kill -KILL $$', 137],
  ] as const)('a copy that %s leaves the others alone, and decides', ([, how, exitCode], context) => {
    const env = twoHosts(context);
    const command = `mkdir first 2>/dev/null && ${how}; sleep 0.5; echo finished`;
    const script = trial.script(real.launcher, `/bin/sh -c ${shellQuote(command)}`, TWO_BY_TWO);
    const { stdout, stderr, status } = trial.run(script, env);
    expect(stdout).toBe('finished\n'.repeat(3));
    expect(stderr).toMatch(
      new RegExp(`^parsl: the copy on .* ended with exit code ${String(exitCode)}$`, 'm'),
    );
    expect(status).toBe(exitCode);
  });

  test('standard error arrives while the copies run', async (context) => {
    const env = here(context);
    const command = `echo early >&2; echo up; while [ ! -e seen ]; do sleep 0.05; done; printf unfinished >&2`;
    const script = trial.script(real.launcher, command);
    const { stderr, status } = await trial.watched(
      script,
      env,
      (_stdout, written) => written === 'early\n',
      () => {
        trial.file('seen', '');
      },
    );
    expect(stderr).toBe('early\nunfinished\n');
    expect(status).toBe(0);
  });

  test.for(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s ends the copies', async (signal, context) => {
    const env = twoHosts(context);
    const up = `mkdir -p up && : > "up/$$"; echo up`;
    const program = `trap ': > "got.$$"; exit 3' TERM; ${up}; while :; do sleep 0.05; done`;
    const script = trial.script(real.launcher, `/bin/bash -c ${shellQuote(program)}`, TWO_BY_TWO);
    const { status } = await trial.signalled(script, 4, signal, env);
    expect(status).not.toBe(0);
    expect(trial.files('up')).toHaveLength(4);
    await vi.waitFor(
      () => {
        expect(trial.files('up').filter((pid) => isRunning(Number(pid)))).toEqual([]);
      },
      { timeout: 30_000 },
    );
    const graceful = trial.files().filter((name) => name.startsWith('got.')).length;
    expect(graceful).toBeGreaterThanOrEqual(real.isHasty ? 0 : 4);
  });
});

describe.each([
  ['mpiexec', MpiExecLauncher],
  ['mpirun', MpiRunLauncher],
] as const)('%s of Open MPI', (program, OpenMpiLauncher) => {
  test.for([
    ['with -x in overrides', '-x A=told -x B', {}],
    ['in a list', '', { OMPI_MCA_mca_base_env_list: 'A=told;B' }],
  ] as const)('hands on what it is told %s, before anything else', ([, overrides, list], context) => {
    const env = { ...onTwoHosts(context, { program, ...OPEN_MPI }), ...list };
    const launcher = new OpenMpiLauncher({ overrides });
    const workerInit = 'export A=exported B=exported C=exported';
    const { stdout, stderr, status } = trial.run(
      trial.script(launcher, 'echo "$HOST $A $B $C"', { ...TWO_BY_TWO, workerInit }),
      env,
    );
    const values = 'told exported exported';
    expect(stdout.trim().split('\n').sort()).toEqual(
      ['n1', 'n1', 'n2', 'n2'].map((host) => `${host} ${values}`),
    );
    expect({ stderr: said(stderr), status }).toEqual({ stderr: '', status: 0 });
  });
});

/** A value that a careless script would change, or run. */
const ODD = ` two\nlines; "quotes" 'more' $(false) \\x \`y\` %s ünïcödé\t=; `;

const SECRET = 'a-secret_that-is-found-nowhere-else';

/** A program that prints the arguments of all processes that hold the secret. */
const ARGUMENTS_OF_ALL = `
const fs = require('fs');
const lines = fs.readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).map((name) => {
  try { return fs.readFileSync('/proc/' + name + '/cmdline', 'utf8'); } catch { return ''; }
});
'<others: ' + lines.filter((line) => line.includes(process.env.PARSL_SECRET)).join('; ') + '>';
`;
