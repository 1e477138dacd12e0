import type { JobId } from '@parsl-ts/provider';
import { clusterArgument, numberOfPart } from './slurm-job-id.js';
import type { SlurmRecord } from './slurm-state.js';

/**
 * Columns that `squeue` is asked for, and how wide. A bar ends each, since one that has nothing to tell may be narrower.
 * Only the last may have bars in it.
 */
const COLUMNS = [
  ['JobArrayID', 70],
  ['State', 24],
  ['exit_code', 12],
  ['EndTime', 24],
  ['Reason', 160],
] as const;

/** A line of these columns. */
const LINE = /^([^\s|]+) *\|([A-Z_]+) *\|([^\s|]*) *\|([^\s|]*) *\|(.*?) *\|$/;

/**
 * Asks about jobs of one cluster, by their number: a line for each job, or for each of its parts. Finished ones are told
 * of as well, with their exit codes, as long as the controller remembers them. `scontrol show job` knows no more than
 * this, and takes one job at a time.
 */
export function squeueCommand(
  cluster: string | undefined,
  jobs: ReadonlyMap<string, JobId>,
): readonly string[] {
  return [
    ...['squeue', '--states=all', '--noheader'],
    `--Format=${COLUMNS.map(([name, width]) => `${name}:${width}|`).join(',')}`,
    ...clusterArgument(cluster),
    `--jobs=${[...jobs.keys()].join(',')}`,
  ];
}

/** Whether `squeue` failed because the controller knows none of the jobs, which it says if it was asked for one only. */
export function saysUnknownJob(stderr: string): boolean {
  return /invalid job id specified/i.test(stderr);
}

/**
 * What `squeue` tells of jobs, by their number.
 *
 * @throws Error when a line makes no sense
 */
export function readSqueue(stdout: string): ReadonlyMap<string, readonly SlurmRecord[]> {
  const jobs = new Map<string, SlurmRecord[]>();
  for (const line of stdout.split('\n').filter(tellsOfJob)) {
    const [, id = '', state = '', exit = '', time = '', reason = ''] = LINE.exec(line) ?? [];
    const number = numberOfPart(id);
    const end = exitOf(exit);
    if (number === undefined || end === undefined) {
      throw new Error(`squeue printed a line that is none of a job: ${line.trim()}`);
    }
    // `N/A`, `NONE`: there is none.
    const endTime = /^\d/.test(time) ? time : undefined;
    jobs.set(number, [...(jobs.get(number) ?? []), { part: id, state, ...end, endTime, reason }]);
  }
  return jobs;
}

/** Asked for certain clusters, `squeue` begins with the name of each. */
function tellsOfJob(line: string): boolean {
  return line.trim() !== '' && !line.startsWith('CLUSTER:');
}

/**
 * Reads how a script ended. Since Slurm 23.02 it is written `code:signal`, before that it was the number that `wait` would
 * have said: the low bits tell of a signal, and the high ones mean nothing then. `undefined`: it is neither.
 */
function exitOf(text: string): Pick<SlurmRecord, 'exitCode' | 'signal'> | undefined {
  if (text === '') {
    return { exitCode: 0, signal: 0 };
  }
  const [, first, signal] = /^(\d+)(?::(\d+))?$/.exec(text) ?? [];
  if (first === undefined) {
    return undefined;
  }
  return signal === undefined
    ? exitOfWait(Number(first))
    : { exitCode: Number(first), signal: Number(signal) };
}

function exitOfWait(status: number): Pick<SlurmRecord, 'exitCode' | 'signal'> {
  const signal = status & 0x7f;
  return { exitCode: signal === 0 ? (status >> 8) & 0xff : 0, signal };
}
