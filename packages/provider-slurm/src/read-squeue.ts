import { numberOfPart } from './slurm-job-id.js';
import type { SlurmRecord } from './slurm-state.js';

/** Columns that `squeue` is asked for, and how wide. Only the last may have blanks in it. */
const COLUMNS = [
  ['JobArrayID', 70],
  ['State', 24],
  ['exit_code', 12],
  ['Reason', 160],
] as const;

/**
 * What jobs and parts of jobs are asked for, one line each. Finished ones are told of as well, with their exit codes, as
 * long as the controller remembers them. `scontrol show job` knows no more, and takes one job at a time.
 */
export const SQUEUE_OPTIONS: readonly string[] = [
  '--states=all',
  '--noheader',
  `--Format=${COLUMNS.map(([name, width]) => `${name}:${width}`).join(',')}`,
];

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

/** What `wait` would have said of the script. */
function exitOf(status: number): Pick<SlurmRecord, 'exitCode' | 'signal'> {
  return { exitCode: (status >> 8) & 0xff, signal: status & 0x7f };
}
