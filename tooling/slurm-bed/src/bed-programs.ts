import { fileURLToPath } from 'node:url';
import type { BedPlan } from './bed-options.js';
import { mungeSocket, nodeNames, type BedPlaces } from './slurm-conf.js';

/** Something that a bed runs. */
export interface BedProgram {
  readonly name: string;
  /**
   * What to run, in the foreground.
   *
   * @param headPid process id of the head
   */
  argv(headPid: number | undefined): readonly string[];
  /** A command that succeeds when it does its work. */
  readonly check: readonly string[];
}

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const NAMESPACES = ['unshare', '--net', '--uts', '--mount', 'bash'];

/** Everything that a bed runs, in the order in which it is started. */
export function bedPrograms(plan: BedPlan, places: BedPlaces): readonly BedProgram[] {
  return [
    head(places),
    munged(places),
    ...(plan.accounting === 'off' ? [] : [mariadbd(places), slurmdbd()]),
    slurmctld(),
    ...nodeNames(plan).map((name, index) => node(name, index + 1, plan, places)),
  ];
}

/** Where libmariadb, and so slurmdbd, looks for the database. */
export function databaseSocket({ directory }: BedPlaces): string {
  return `${directory}/database/socket`;
}

function head({ network }: BedPlaces): BedProgram {
  return {
    name: 'head',
    argv: () => [
      ...NAMESPACES,
      script('head-host.sh'),
      ...[network.link, network.head, network.submitHost, String(process.pid)],
    ],
    check: ['sh', '-c', 'ip -o address show to "$0" up | grep .', network.submitHost],
  };
}

function munged(places: BedPlaces): BedProgram {
  const socket = mungeSocket(places);
  const file = (name: string): string => `${places.directory}/munge/${name}`;
  return onHead(
    'munged',
    [
      ...['munged', '--foreground', '--force', `--socket=${socket}`, `--key-file=${file('key')}`],
      ...[`--pid-file=${file('pid')}`, `--log-file=${file('log')}`, `--seed-file=${file('seed')}`],
    ],
    ['munge', '--no-input', `--socket=${socket}`],
  );
}

function mariadbd(places: BedPlaces): BedProgram {
  const socket = databaseSocket(places);
  return onHead(
    'mariadbd',
    ['bash', script('database.sh'), `${places.directory}/database`, socket],
    ['mariadb', '--no-defaults', '--user=root', `--socket=${socket}`, '--execute=select 1'],
  );
}

function slurmdbd(): BedProgram {
  return onHead('slurmdbd', ['slurmdbd', '-D'], ['sacctmgr', '-n', 'list', 'cluster']);
}

function slurmctld(): BedProgram {
  return onHead('slurmctld', ['slurmctld', '-D'], ['scontrol', 'ping']);
}

function onHead(name: string, argv: readonly string[], check: readonly string[]): BedProgram {
  const enter = (headPid: number | undefined): readonly string[] => [
    ...['nsenter', '--target', String(headPid), '--net', '--uts', '--'],
    ...argv,
  ];
  return { name, argv: enter, check };
}

/** The port at which nodes listen by default. */
const SLURMD_PORT = '6818';

function node(name: string, index: number, plan: BedPlan, places: BedPlaces): BedProgram {
  const { directory, network } = places;
  return {
    name,
    argv: (headPid) => [
      ...[...NAMESPACES, script('node-host.sh'), name, network.node(index), network.submitHost],
      ...[String(headPid), `${directory}/etc/hosts`, ...plan.hide, '--', 'slurmd', '-D'],
    ],
    check: ['bash', '-c', 'exec 3<>"/dev/tcp/$0/$1"', network.node(index), SLURMD_PORT],
  };
}
