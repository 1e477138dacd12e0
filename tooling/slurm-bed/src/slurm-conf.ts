import type { BedNetwork } from './bed-network.js';
import type { BedPlan } from './bed-options.js';

/** Where the parts of a bed keep their things, and how they reach each other. */
export interface BedPlaces {
  /** The bed's directory. Absolute path, short enough for a socket in it. */
  readonly directory: string;
  readonly network: BedNetwork;
}

/** Memory that each CPU stands for, in MB. Only a job that asks for too much notices. */
const MEMORY_PER_CPU_MB = 1024;

/** The socket over which the bed's programs prove who they are to each other. */
export function mungeSocket({ directory }: BedPlaces): string {
  return `${directory}/munge/socket`;
}

/** The text of `slurm.conf`, which submit host, controller and nodes share. */
export function slurmConf(plan: BedPlan, places: BedPlaces): string {
  const lines = [...general(places), ...LEVEL_GROUND, ...SPEED, ...accounting(plan, places)];
  const replaced = lines.filter(([name]) => !Object.hasOwn(plan.settings, name));
  return [...replaced, ...Object.entries(plan.settings)]
    .map(([name, value]) => `${name}=${value}\n`)
    .concat(nodes(plan, places), PARTITIONS)
    .join('');
}

type Line = readonly [name: string, value: string];

function general({ directory, network }: BedPlaces): readonly Line[] {
  return [
    ['ClusterName', 'bed'],
    ['SlurmctldHost', `head(${network.head})`],
    ['SlurmUser', 'root'],
    ['AuthType', 'auth/munge'],
    ['AuthInfo', `socket=${directory}/munge/socket`],
    ['StateSaveLocation', `${directory}/state`],
    ['SlurmctldPidFile', `${directory}/run/slurmctld.pid`],
    ['SlurmctldLogFile', `${directory}/log/slurmctld.log`],
    ['SlurmdPidFile', `${directory}/run/%n.pid`],
    ['SlurmdLogFile', `${directory}/log/%n.log`],
    ['SlurmdSpoolDir', `${directory}/spool/%n`],
    ['MailProg', '/bin/true'],
    ['Epilog', `${directory}/etc/epilog.sh`],
  ];
}

/** No cgroups, nothing pinned, no limits: works in a container, and nodes may claim more CPUs than there are. */
const LEVEL_GROUND: readonly Line[] = [
  ['ProctrackType', 'proctrack/linuxproc'],
  ['TaskPlugin', 'task/none'],
  ['JobAcctGatherType', 'jobacct_gather/linux'],
  ['JobAcctGatherFrequency', '1'],
  ['JobAcctGatherParams', 'OverMemoryKill'],
  ['PropagateResourceLimits', 'NONE'],
  ['SlurmdParameters', 'config_overrides'],
  ['SelectType', 'select/cons_tres'],
  ['SelectTypeParameters', 'CR_Core_Memory'],
  ['DefMemPerCPU', String(MEMORY_PER_CPU_MB)],
  ['GresTypes', 'gpu'],
  ['PreemptType', 'preempt/partition_prio'],
  ['PreemptMode', 'REQUEUE'],
];

/**
 * Jobs start at once, where by default they wait for up to 3 s; a dead node shows in 30 s, and one that is only slow is
 * not taken for dead; what is killed is dead soon.
 */
const SPEED: readonly Line[] = [
  ['SchedulerParameters', 'batch_sched_delay=0,sched_interval=1,sched_min_interval=0,bf_interval=1'],
  ['MessageTimeout', '8'],
  ['SlurmdTimeout', '15'],
  ['KillWait', '2'],
  ['ReturnToService', '2'],
];

function accounting({ accounting }: BedPlan, places: BedPlaces): readonly Line[] {
  if (accounting === 'off') return [['AccountingStorageType', 'accounting_storage/none']];
  return [
    ['AccountingStorageType', 'accounting_storage/slurmdbd'],
    ['AccountingStorageHost', places.network.head],
    // Towards slurmdbd the socket is named here; AuthInfo does not apply.
    ['AccountingStoragePass', mungeSocket(places)],
    ...(accounting === 'enforced' ? ([['AccountingStorageEnforce', 'associations']] as const) : []),
  ];
}

function nodes(plan: BedPlan, { network }: BedPlaces): readonly string[] {
  const memory = plan.cpusPerNode * MEMORY_PER_CPU_MB;
  return [
    `NodeName=DEFAULT CPUs=${plan.cpusPerNode} RealMemory=${memory} Gres=gpu:2 Feature=bed\n`,
    ...nodeNames(plan).map(
      (name, index) => `NodeName=${name} NodeHostname=${name} NodeAddr=${network.node(index + 1)}\n`,
    ),
  ];
}

/**
 * - `debug`: where jobs go unless told otherwise
 * - `short`: ends jobs after a minute
 * - `down`: takes jobs and starts none
 * - `urgent`: takes nodes away from `debug`, whose jobs are requeued, and from `scavenge`, whose jobs are ended
 */
const PARTITIONS = [
  'PartitionName=DEFAULT Nodes=ALL State=UP PriorityTier=10',
  'PartitionName=debug Default=YES DefaultTime=10 MaxTime=60',
  'PartitionName=short MaxTime=1',
  'PartitionName=down State=DOWN',
  'PartitionName=urgent PriorityTier=20 PreemptMode=OFF',
  'PartitionName=scavenge PriorityTier=5 PreemptMode=CANCEL',
]
  .map((line) => `${line}\n`)
  .join('');

/** Names of the nodes, in order. */
export function nodeNames({ nodes }: Pick<BedPlan, 'nodes'>): readonly string[] {
  return Array.from({ length: nodes }, (_, index) => `node${index + 1}`);
}

/** What stands in `/etc/hosts` on the nodes: themselves, and not the host where jobs are submitted. */
export function hostsFile(plan: BedPlan, { network }: BedPlaces): string {
  const nodes = nodeNames(plan).map((name, index) => `${network.node(index + 1)} ${name}`);
  return ['127.0.0.1 localhost', `${network.head} head`, ...nodes].map((line) => `${line}\n`).join('');
}

/** The text of `gres.conf`: every node has two graphics cards, which are not there. */
export function gresConf(): string {
  return 'Name=gpu File=/dev/null\nName=gpu File=/dev/zero\n';
}

/** The text of `slurmdbd.conf`, which nobody but its user may read. */
export function slurmdbdConf(places: BedPlaces): string {
  const { directory } = places;
  const lines: readonly Line[] = [
    ['AuthType', 'auth/munge'],
    ['AuthInfo', `socket=${mungeSocket(places)}`],
    ['SlurmUser', 'root'],
    ['DbdHost', 'head'],
    ['PidFile', `${directory}/run/slurmdbd.pid`],
    ['LogFile', `${directory}/log/slurmdbd.log`],
    ['StorageType', 'accounting_storage/mysql'],
    ['StorageHost', 'localhost'],
    ['StorageUser', 'root'],
    ['StorageLoc', 'slurm'],
    ['CommitDelay', '1'],
  ];
  return lines.map(([name, value]) => `${name}=${value}\n`).join('');
}
