import { scriptEnd, signalName, type JobState, type JobStatus } from '@parsl-ts/provider';

/** What Slurm tells of a job, or of one part of it. */
export interface SlurmRecord {
  /** What the job, or the part, is called: `123`, `123_4`, `123+0`; `123_[5-7]`: parts that still wait. */
  readonly part: string;
  /** Slurm's word, without what may follow it: `CANCELLED`, not `CANCELLED by 1001`. */
  readonly state: string;
  /** Exit code of the script. */
  readonly exitCode: number;
  /** Number of the signal that ended the script, or of what kept it from starting; 0: none. */
  readonly signal: number;
  /** When it has ended or will have to, as Slurm writes it, where it is asked for and told. */
  readonly endTime?: string | undefined;
  /** Why it waits, or how it ended; `None` if there is nothing to say. */
  readonly reason: string;
}

/**
 * Every state that `squeue` and `sacct` print. A job that completes still has processes, and may be requeued yet; one that is
 * requeued waits again under the same id.
 */
const STATES: ReadonlyMap<string, JobState> = new Map([
  ['PENDING', 'pending'],
  ['CONFIGURING', 'pending'],
  ['EXPEDITING', 'pending'],
  ['POWER_UP_NODE', 'pending'],
  ['REQUEUED', 'pending'],
  ['REQUEUE_FED', 'pending'],
  ['REQUEUE_HOLD', 'held'],
  ['RESV_DEL_HOLD', 'held'],
  ['SPECIAL_EXIT', 'held'],
  ['STOPPED', 'held'],
  ['SUSPENDED', 'held'],
  ['COMPLETING', 'running'],
  ['RESIZING', 'running'],
  ['RUNNING', 'running'],
  ['SIGNALING', 'running'],
  ['STAGE_OUT', 'running'],
  ['UPDATE_DB', 'running'],
  ['COMPLETED', 'completed'],
  ['BOOT_FAIL', 'failed'],
  ['FAILED', 'failed'],
  ['LAUNCH_FAILED', 'failed'],
  ['NODE_FAIL', 'failed'],
  ['OUT_OF_MEMORY', 'failed'],
  ['RECONFIG_FAIL', 'failed'],
  ['REVOKED', 'failed'],
  ['DEADLINE', 'timeout'],
  ['PREEMPTED', 'timeout'],
  ['TIMEOUT', 'timeout'],
  ['CANCELLED', 'cancelled'],
]);

/**
 * Reasons for which a job waits until a person changes something. `PartitionDown`, aggregate limits and the like pass by
 * themselves.
 */
const NEVER =
  /held|JobHold|BadConstraints|DependencyNeverSatisfied|^Invalid|^ReservationInvalid$|NotAllowed$|^Partition(?:Config|NodeLimit|TimeLimit)$|^(?:Assoc|QOS)Max.*Per(?:Job|Node)|^MaxMemPerLimit$/i;

/** The signal by which Slurm says that the script's output could not be opened. */
const NO_OUTPUT_FILE = 53;

/** What is to be known of a state beyond its name. */
const ADVICE: ReadonlyMap<string, string> = new Map([
  ['OUT_OF_MEMORY', "it used more memory than 'memPerNodeGb' or the partition's default gave it"],
  ['REVOKED', 'another cluster of the federation took it'],
]);

/** The status of a job that is one piece. */
export function statusOf(record: SlurmRecord): JobStatus {
  const { exitCode, signal } = record;
  const state = stateOf(record);
  const message = messageOf(record);
  const words = message === undefined ? {} : { message };
  if (state === 'completed' || (record.state === 'FAILED' && exitCode > 0)) {
    return { ...scriptEnd(exitCode), state, ...words };
  }
  const name = record.state === 'FAILED' ? signalName(signal) : undefined;
  return { state, ...(name === undefined ? {} : { signal: name }), ...words };
}

/** A state that Slurm has not had so far ends nothing. */
function stateOf({ state, reason }: SlurmRecord): JobState {
  const known = STATES.get(state) ?? 'running';
  return known === 'pending' && NEVER.test(reason) ? 'held' : known;
}

/** The states of ends that have a reason of their own. */
const STATE_BY_REASON: ReadonlyMap<string, string> = new Map([
  ['TimeLimit', 'TIMEOUT'],
  ['DeadLine', 'DEADLINE'],
  ['OutOfMemory', 'OUT_OF_MEMORY'],
  ['NodeDown', 'NODE_FAIL'],
]);

/**
 * The end of a job that goes on completing, as far as `squeue` tells it: exit code and reason are those of the end by then,
 * and only the state is hidden. A job without either has ended well, or somebody has cancelled or preempted it and it
 * cannot be killed: that it was completed would be a guess, so it has failed. (One that was cancelled here and has failed
 * counts as cancelled.)
 */
export function lastingEnd(record: SlurmRecord): SlurmRecord {
  const { exitCode, reason } = record;
  const state = STATE_BY_REASON.get(reason) ?? 'FAILED';
  const told = exitCode > 0 || !saysNothing(reason);
  return {
    ...record,
    state,
    reason: told ? reason : 'its processes do not end, and squeue does not say how it has',
  };
}

function saysNothing(reason: string): boolean {
  return reason === '' || reason === 'None';
}

function messageOf({ state, reason, signal }: SlurmRecord): string | undefined {
  if (state === 'FAILED' && signal === NO_OUTPUT_FILE) {
    return 'FAILED: its node could not open the files for its output. Is the script directory on a file system that the nodes have?';
  }
  // So the controller calls any end by a signal, of scripts that have run for hours, too.
  const misnamed = signal > 0 && reason === 'JobLaunchFailure';
  const why = ADVICE.get(state) ?? (saysNothing(reason) || misnamed ? undefined : reason);
  if (why === undefined && (state === 'PENDING' || state === 'RUNNING' || state === 'COMPLETED')) {
    return undefined;
  }
  return why === undefined ? state : `${state}: ${why}`;
}

/** How much a part's state says about the whole: as long as anything runs, the job runs; one failure fails it. */
const WEIGHT: readonly JobState[] = [
  'running',
  'pending',
  'held',
  'failed',
  'timeout',
  'cancelled',
  'completed',
];

/**
 * The status of a job that may be several pieces: an array, or parts of different kinds. `undefined` if nothing is told of
 * it.
 */
export function statusOfAll(records: readonly SlurmRecord[]): JobStatus | undefined {
  const statuses = records.map(statusOf);
  return WEIGHT.flatMap((state) => statuses.filter((status) => status.state === state))[0];
}
