import type { JobId } from '@parsl-ts/provider';
import { clusterArgument, numberOfPart } from './slurm-job-id.js';
import type { SlurmRecord } from './slurm-state.js';

/** Columns that `squeue` is asked for, and how wide. Only the last may have blanks in it. */
const COLUMNS = [
  ['JobArrayID', 70],
  ['State', 24],
  ['exit_code', 12],
  ['Reason', 160],
] as const;

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
    `--Format=${COLUMNS.map(([name, width]) => `${name}:${width}`).join(',')}`,
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
    const [id = '', state = '', status = '', reason = ''] = columnsOf(line);
    const number = numberOfPart(id);
    if (number === undefined || !/^[A-Z_]+$/.test(state) || !/^\d+$/.test(status)) {
      throw new Error(`squeue printed a line that is none of a job: ${line.trim()}`);
    }
    const record = { state, ...exitOf(Number(status)), reason };
    jobs.set(number, [...(jobs.get(number) ?? []), record]);
  }
  return jobs;
}

/** Asked for certain clusters, `squeue` begins with the name of each. */
function tellsOfJob(line: string): boolean {
  return line.trim() !== '' && !line.startsWith('CLUSTER:');
}

function columnsOf(line: string): readonly string[] {
  let start = 0;
  return COLUMNS.map(([, width]) => {
    const text = line.slice(start, start + width).trim();
    start += width;
    return text;
  });
}

/** What `wait` would have said of the script: the low bits tell of a signal, and the high ones mean nothing then. */
function exitOf(status: number): Pick<SlurmRecord, 'exitCode' | 'signal'> {
  const signal = status & 0x7f;
  return { exitCode: signal === 0 ? (status >> 8) & 0xff : 0, signal };
}
