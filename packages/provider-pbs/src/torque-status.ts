import type { JobStatus } from '@parsl-ts/provider';
import { exitStatusEnd, type NegativeStatuses } from './exit-status.js';
import type { JobAttributes } from './job-attributes.js';

const NEGATIVE_STATUSES: NegativeStatuses = {
  overWalltime: -11,
  reasons: new Map([
    [-1, 'its node could not start it'],
    [-2, 'its node could not start it'],
    [-3, 'its node could not start it'],
    [-4, "its node's Torque was restarted"],
    [-5, "its node's Torque was restarted"],
    [-6, "its node's Torque was restarted"],
    [-8, 'its node could not run the script'],
    [-9, 'its node could not open the files for its output'],
    [-10, "it used more memory than it had asked for ('memPerNodeGb')"],
    [-11, 'it ran longer than its walltime'],
    [-12, 'it used more CPU time than it had asked for'],
    [-13, 'its node could not make its control groups'],
    [-14, 'a prologue of the site failed'],
  ]),
};

/** What Torque says of a job; `ended`: that it has ended, and not how. `undefined` for a state that it does not have. */
export function torqueStatus(attributes: JobAttributes): JobStatus | 'ended' | undefined {
  switch (attributes.get('job_state')) {
    case 'Q':
    case 'T':
    case 'W':
      return { state: 'pending' };
    case 'H':
    case 'S':
      return { state: 'held' };
    case 'R':
    case 'E':
      return { state: 'running' };
    case 'C':
      return completed(attributes.get('exit_status'));
    // Slurm's qstat, of a job that ran out of memory or over a deadline.
    case 'U':
      return 'ended';
    default:
      return undefined;
  }
}

function completed(status: string | undefined): JobStatus | 'ended' {
  return status === undefined ? 'ended' : exitStatusEnd(Number(status), NEGATIVE_STATUSES);
}
