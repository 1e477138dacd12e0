import type { JobStatus } from '@parsl-ts/provider';
import { exitStatusEnd, type NegativeStatuses } from './exit-status.js';
import type { JobAttributes } from './job-attributes.js';

/** `substate` of a job that somebody deleted. */
const DELETED = '91';

const NEGATIVE_STATUSES: NegativeStatuses = {
  overWalltime: -29,
  reasons: new Map([
    [-1, 'its node could not start it'],
    [-2, 'its node could not start it'],
    [-3, 'its node could not start it'],
    [-4, "its node's PBS was restarted"],
    [-5, "its node's PBS was restarted"],
    [-6, "its node's PBS was restarted"],
    [-10, 'its node does not know the user'],
    [-17, 'a hook of the site refused it'],
    [-19, 'a hook of the site deleted it'],
    [-20, 'its first node was lost'],
    [-22, 'a hook of the site failed'],
    [-23, 'it had no Kerberos credentials'],
    [-24, 'it used more cores than it had asked for'],
    [-25, 'it used more cores than it had asked for'],
    [-26, 'it used more virtual memory than it had asked for'],
    [-27, "it used more memory than it had asked for ('memPerNodeGb')"],
    [-28, 'it used more CPU time than it had asked for'],
    [-29, 'it ran longer than its walltime'],
    [-30, 'one of its nodes could not join it'],
  ]),
};

/** What PBS Pro and OpenPBS say of a job; `undefined` for a state that they do not have. */
export function pbsProStatus(attributes: JobAttributes): JobStatus | undefined {
  const comment = attributes.get('comment');
  const told = comment === undefined ? {} : { message: comment };
  switch (attributes.get('job_state')) {
    case 'Q':
      // PBS takes what no node can ever give, and only says so.
      return { state: comment?.startsWith('Can Never Run') === true ? 'held' : 'pending', ...told };
    case 'T':
    case 'W':
    case 'M':
      return { state: 'pending', ...told };
    case 'H':
    case 'S':
    case 'U':
      return { state: 'held', ...told };
    // E: the script has ended, its output is on its way.
    case 'B':
    case 'R':
    case 'E':
      return { state: 'running', ...told };
    case 'F':
    case 'X':
      return ended(attributes, comment);
    default:
      return undefined;
  }
}

function ended(attributes: JobAttributes, comment: string | undefined): JobStatus {
  const text = attributes.get('Exit_status');
  const deleted = attributes.get('substate') === DELETED;
  if (text === undefined) {
    const message = comment ?? (deleted ? 'it was deleted before it ran' : 'PBS tells no exit status of it');
    return { state: deleted ? 'cancelled' : 'failed', message };
  }
  const { state, message, ...end } = exitStatusEnd(Number(text), NEGATIVE_STATUSES);
  const words = [message, comment].filter((each) => each !== undefined);
  return {
    state: deleted && state === 'failed' ? 'cancelled' : state,
    ...end,
    ...(words.length === 0 ? {} : { message: words.join('; ') }),
  };
}
