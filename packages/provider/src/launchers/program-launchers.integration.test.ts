import { describe, expect, test } from 'vitest';
import type { Launcher } from '../launcher.js';
import { AprunLauncher } from './aprun-launcher.js';
import { GnuParallelLauncher } from './gnu-parallel-launcher.js';
import { JsrunLauncher } from './jsrun-launcher.js';
import { MpiExecLauncher } from './mpi-exec-launcher.js';
import { MpiRunLauncher } from './mpi-run-launcher.js';
import { SrunLauncher } from './srun-launcher.js';
import { SrunMpiLauncher } from './srun-mpi-launcher.js';
import { TrialScripts, type TrialOptions } from './testing/trial-script.js';

const trial = new TrialScripts();

/**
 * Stands in for a program that starts copies elsewhere: notes its arguments in a file, and itself runs what follows the
 * first of them that is a path. For the lists of arguments alone; how the real programs behave is seen with the real ones.
 */
const STAND_IN = `#!/bin/bash
[ "$1" != --version ] || { echo "$VERSION"; exit; }
note=$(mktemp "$TMPDIR/arguments.XXXXXX")
printf '%s\\0' "$@" > "$note"
while [ $# -gt 0 ] && [[ $1 != /* ]]; do shift; done
exec "$@"
`;

/** Runs a script over the stand-in, and gives the arguments of each of its uses. */
function argumentsOf(
  program: string,
  launcher: Launcher,
  command: string,
  options: TrialOptions,
  env: Readonly<Record<string, string>> = {},
) {
  trial.program(program, STAND_IN);
  const end = trial.run(trial.script(launcher, command, options), env);
  const notes = trial.files().filter((name) => name.startsWith('arguments.'));
  const uses = notes.map((name) => trial.text(name).split('\0').slice(0, -1));
  notes.forEach((name) => {
    trial.remove(name);
  });
  return { ...end, uses };
}

const TWO_BY_THREE = { tasksPerNode: 2, nodesPerBlock: 3 };
const overrides = `--more 'two words'`;

describe('srun', () => {
  const step = ['--cpu-bind=none', '--export=ALL', '--input=none', '--kill-on-bad-exit=0', '--wait=0'];
  const ownSteps = ['/usr/bin/env', '-u', 'SLURM_OVERLAP'];

  test('starts the copies of all nodes as one step', () => {
    const launcher = new SrunLauncher({ overrides });
    const { uses, status, stdout } = argumentsOf('srun', launcher, 'echo "a b"; exit 3', TWO_BY_THREE);
    expect(uses).toEqual([
      [
        ...['--nodes=3', '--ntasks=6', '--ntasks-per-node=2', ...step],
        ...['--more', 'two words', ...ownSteps, '/bin/sh', '-c', 'echo "a b"; exit 3'],
      ],
    ]);
    expect({ status, stdout }).toEqual({ status: 3, stdout: 'a b\n' });
  });

  test('asks for the cores that the job asked for, and needs no shell for a plain command', () => {
    const env = { SLURM_CPUS_PER_TASK: '8' };
    const { uses } = argumentsOf('srun', new SrunLauncher(), "/bin/echo 'a b'", {}, env);
    expect(uses).toEqual([
      [
        ...['--cpus-per-task=8', '--nodes=1', '--ntasks=1', '--ntasks-per-node=1'],
        ...[...step, ...ownSteps, '/bin/echo', 'a b'],
      ],
    ]);
  });

  test('lets other steps overlap that of the copies, and none of those that these start', () => {
    trial.program('srun', `#!/bin/bash\necho "srun \${SLURM_OVERLAP-no}"\n${STAND_IN.replace(/^.*\n/, '')}`);
    const { stdout } = trial.run(trial.script(new SrunLauncher(), 'echo "copy ${SLURM_OVERLAP-no}"'));
    expect(stdout).toBe('srun 1\ncopy no\n');
  });

  test('starts each MPI program as a step that has its share of a node', () => {
    const launcher = new SrunMpiLauncher({ overrides });
    const env = { SLURM_CPUS_ON_NODE: '9' };
    const { uses } = argumentsOf('srun', launcher, '/bin/true', TWO_BY_THREE, env);
    expect(uses).toEqual(
      Array.from({ length: 6 }, () => [
        ...['--ntasks=4', '--nodes=1', '--cpus-per-task=1'],
        ...['--exclusive', '--mem=0', '--export=ALL', '--input=none'],
        ...['--more', 'two words', '/bin/true'],
      ]),
    );
  });

  test('waits for every MPI program, and has the exit code of the first that failed', () => {
    const command = 'mkdir first 2>/dev/null && exit 9; sleep 0.2; echo finished';
    const { status, stdout } = argumentsOf('srun', new SrunMpiLauncher(), command, { tasksPerNode: 3 });
    expect({ status, stdout }).toEqual({ status: 9, stdout: 'finished\nfinished\n' });
  });
});

test('aprun', () => {
  const launcher = new AprunLauncher({ overrides });
  const { uses, status } = argumentsOf('aprun', launcher, 'exit 3', TWO_BY_THREE);
  expect(uses).toEqual([
    ['-n', '6', '-N', '2', '-cc', 'none', '--more', 'two words', '/bin/sh', '-c', 'exit 3'],
  ]);
  expect(status).toBe(3);
});

test('jsrun', () => {
  const launcher = new JsrunLauncher({ overrides });
  const { uses, status } = argumentsOf('jsrun', launcher, '/bin/false', TWO_BY_THREE);
  expect(uses).toEqual([['-n', '6', '-r', '2', '-b', 'none', '--more', 'two words', '/bin/false']]);
  expect(status).toBe(1);
});

/** Arguments without the names that Open MPI is to hand on, and those names. */
function withoutNames(args: readonly string[] = []) {
  const isName = (index: number) => args[index] === '-x' || args[index - 1] === '-x';
  return {
    rest: args.filter((_, index) => !isName(index)),
    names: args.filter((arg, index) => isName(index) && arg !== '-x').sort(),
  };
}

/** Hosts as the schedulers list them. */
function hostFiles(): { readonly PBS_NODEFILE: string; readonly PE_HOSTFILE: string } {
  trial.file('pbs', 'n1\nn1\nn2\nn2\nn3\nn3\n');
  trial.file('ge', 'n1 2 all.q@n1 UNDEFINED\nn2 2 all.q@n2 UNDEFINED\nn3 2 all.q@n3 UNDEFINED\n');
  return { PBS_NODEFILE: trial.path('pbs'), PE_HOSTFILE: trial.path('ge') };
}

describe.each([
  ['mpiexec', new MpiExecLauncher({ overrides })],
  ['mpirun', new MpiRunLauncher({ overrides })],
] as const)('%s', (program, launcher) => {
  const common = ['--bind-to', 'none', '-n', '6'];
  const openMpi = { VERSION: `${program} (Open MPI) 5.0.3` };

  test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    ['Hydra, which knows the nodes of PBS', {}, ['--ppn', '2']],
    ['Open MPI on one node', openMpi, ['--host', 'localhost:6']],
    ['Open MPI under Slurm', { ...openMpi, SLURM_JOB_ID: '1' }, ['--map-by', 'ppr:2:node']],
  ])('%s', (_, env, placement) => {
    const { uses, status, stdout } = argumentsOf(program, launcher, 'echo up; exit 3', TWO_BY_THREE, env);
    const { rest } = withoutNames(uses[0]);
    expect(rest.slice(0, -3)).toEqual([...common, ...placement, '--more', 'two words', '/bin/bash', '-c']);
    expect(rest.slice(-2)).toEqual(['parsl', 'echo up; exit 3']);
    expect({ status, stdout }).toEqual({ status: 3, stdout: 'up\n' });
  });

  test('hosts are listed for those who do not know them', () => {
    const { PBS_NODEFILE, PE_HOSTFILE } = hostFiles();
    const use = (env: Readonly<Record<string, string>>) => {
      const { uses } = argumentsOf(program, launcher, '/bin/true', TWO_BY_THREE, env);
      return withoutNames(uses[0]).rest.slice(4, 8);
    };
    expect(use({ ...openMpi, PBS_NODEFILE })).toEqual(['--host', 'n1:2,n2:2,n3:2', '--more', 'two words']);
    expect(use({ ...openMpi, PE_HOSTFILE })).toEqual(['--host', 'n1:2,n2:2,n3:2', '--more', 'two words']);
    expect(use({ PE_HOSTFILE })).toEqual(['--ppn', '2', '--host', 'n1,n2,n3']);
  });

  test('Open MPI is told the names of what is exported, in a list if there is one, and none of them twice', () => {
    const { PBS_NODEFILE } = hostFiles();
    trial.program('listed', '#!/bin/sh\nprintf %s "$OMPI_MCA_mca_base_env_list"');
    const command = trial.path('bin/listed');
    const workerInit = 'export MINE=1; mine() { :; }; export -f mine';
    const use = (told: string, env: Readonly<Record<string, string>>) => {
      const launcher = program === 'mpirun' ? MpiRunLauncher : MpiExecLauncher;
      const options = { ...TWO_BY_THREE, workerInit, secret: 'secret' };
      const surroundings = { ...openMpi, PBS_NODEFILE, ...env };
      const { uses, stdout } = argumentsOf(
        program,
        new launcher({ overrides: told }),
        command,
        options,
        surroundings,
      );
      return { names: withoutNames(uses[0]).names, listed: stdout.split(';') };
    };
    const names = ['BASH_FUNC_mine%%', 'HOME', 'JOBNAME', 'MINE', 'PARSL_SECRET', 'PATH', 'VERSION'];
    expect(use('', {})).toEqual({ names, listed: [''] });
    const others = names.filter((name) => name !== 'MINE' && name !== 'HOME');
    expect(use('-x MINE=2 -x HOME', {}).names).toEqual([...others, 'HOME', 'MINE=2'].sort());
    const list = use('', { OMPI_MCA_mca_base_env_list: 'MINE=2;HOME' });
    expect(list.names).toEqual([]);
    expect(list.listed.slice(0, 2)).toEqual(['MINE=2', 'HOME']);
    expect(list.listed.slice(2).sort()).toEqual(others);
  });
});

test('the option that binds has another name elsewhere', () => {
  const launcher = new MpiExecLauncher({ bindOption: '--cpu-bind' });
  const { uses } = argumentsOf('mpiexec', launcher, '/bin/true', { nodesPerBlock: 2 });
  expect(uses[0]?.slice(0, 6)).toEqual(['--cpu-bind', 'none', '-n', '2', '--ppn', '1']);
});

describe('parallel', () => {
  const options = [
    ...['--will-cite', '--pipe', '-N1', '--ungroup', '--termseq', 'TERM,3000,KILL,25'],
    ...['--jobs', '2', '--sshlogin'],
  ];

  test.each(['PBS_NODEFILE', 'PE_HOSTFILE'] as const)('finds the hosts in %s', (variable) => {
    const files = hostFiles();
    const { uses } = argumentsOf('parallel', new GnuParallelLauncher(), '/bin/true', TWO_BY_THREE, {
      [variable]: files[variable],
    });
    expect(uses).toEqual([[...options, 'n1,n2,n3', 'bash']]);
  });

  test('asks Slurm for the hosts', () => {
    trial.program('scontrol', '#!/bin/sh\n[ "$*" = "show hostnames n[1-2]" ] && echo n1 && echo n2');
    const env = { SLURM_JOB_NODELIST: 'n[1-2]' };
    const { uses } = argumentsOf('parallel', new GnuParallelLauncher(), '/bin/true', TWO_BY_THREE, env);
    expect(uses).toEqual([[...options, 'n1,n2', 'bash']]);
  });
});
