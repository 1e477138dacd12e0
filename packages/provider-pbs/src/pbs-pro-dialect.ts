import type {
  CancelOutcome,
  JobId,
  JobStatus,
  SchedulerDialect,
  SchedulerQuestion,
} from '@parsl-ts/provider';
import type { JobAttributes } from './job-attributes.js';
import { readJobId } from './job-id.js';
import { jobName } from './job-name.js';
import { memory, pbsScript, type PbsScriptOptions } from './job-script.js';
import { pbsProStatus } from './pbs-pro-status.js';
import { qdelAnswer } from './qdel-answer.js';
import { qstatAnswer } from './qstat-answer.js';
import { readEnd } from './recorded-end.js';
import { submitCommand } from './submit-command.js';

/** What the dialect of PBS Pro depends on. */
export interface PbsProDialectOptions extends PbsScriptOptions {
  readonly selectOptions: string | undefined;
  readonly place: string | undefined;
}

/** How many `qdel` run at the same time, so that a hundred of them end in time where each takes a second or two. */
const DELETED_AT_ONCE = 10;

/** Exit code of `qsub` when the connection to the server broke. */
const CONNECTION_BROKE = 183;

/** What `qsub` says when it finds no server, because that is down or its host is, or none that has time for it. */
const NO_SERVER = /cannot connect to server|no free connections/i;

/** Jobs that ended, and nothing else is known of them. */
const NO_HISTORY: JobStatus = {
  state: 'failed',
  message:
    "PBS does not know it any more, and keeps no record of jobs that have ended ('job_history_enable' is off); nor " +
    'does its output say how it ended',
};
const MOVED: JobStatus = {
  state: 'failed',
  message:
    'PBS has moved it to another server, which does not list it, and its output does not say how it ended',
};
const FORGOTTEN: JobStatus = {
  state: 'failed',
  message: 'PBS has no record of it, and its output does not say how it ended',
};

/** How PBS Pro and OpenPBS are spoken to. */
export function pbsProDialect(options: PbsProDialectOptions): SchedulerDialect {
  return {
    script: (request) => pbsScript(request, options, resources(options)),
    // Without -f, the first qsub leaves a process behind for a minute, for the next one to use.
    submit: (_request, files) => submitCommand(['qsub', '-f', '-C', '#PBS'], files),
    readJobId,
    mayHaveSubmitted: ({ exitCode }) => exitCode === CONNECTION_BROKE,
    isUnavailable: ({ stderr }) => NO_SERVER.test(stderr),
    find: (names) => search(names),
    status: liveJobs,
    readEnd,
    cancel: (ids) => deletion(ids, []),
  };
}

function resources(options: PbsProDialectOptions): readonly string[] {
  const { nodesPerBlock, cpusPerNode, memPerNodeGb, selectOptions, place } = options;
  const node = [
    `ncpus=${cpusPerNode}`,
    ...(memPerNodeGb === undefined ? [] : [`mem=${memory(memPerNodeGb)}`]),
    ...(selectOptions === undefined ? [] : [selectOptions.replace(/^:/, '')]),
  ];
  const select = [String(nodesPerBlock), ...node].join(':');
  return [
    `walltime=${options.walltime}`,
    `select=${select}`,
    ...(place === undefined ? [] : [`place=${place}`]),
  ];
}

/**
 * Asks for jobs that have not ended. `-E` asks for all of them in one request. What it does not show has ended: a server
 * shows a job from the moment at which `qsub` has its id.
 */
function liveJobs(ids: readonly JobId[]): SchedulerQuestion<JobStatus> {
  return {
    argv: ['qstat', '-E', '-f', ...ids],
    read: (result) => {
      const { known, unknown } = qstatAnswer(result, ids);
      return { jobs: statuses(known), next: unknown.length === 0 ? [] : [history(unknown)] };
    },
  };
}

/**
 * Asks for jobs that have ended: servers keep them for a while, if their history is on. One that was moved to another server
 * stays there as such for as long, whatever becomes of it; while it goes on, the first question finds it.
 */
function history(ids: readonly JobId[]): SchedulerQuestion<JobStatus> {
  return {
    argv: ['qstat', '-x', '-E', '-f', ...ids],
    read: (result) => {
      if (/not configured to maintain job history/i.test(result.stderr)) {
        return { jobs: new Map(), missing: new Map(ids.map((id) => [id, NO_HISTORY])) };
      }
      const { known, unknown } = qstatAnswer(result, ids);
      const moved = [...known.keys()].filter((id) => known.get(id)?.get('job_state') === 'M');
      const here = new Map([...known].filter(([id]) => !moved.includes(id)));
      const missing = [
        ...unknown.map((id) => [id, FORGOTTEN] as const),
        ...moved.map((id) => [id, MOVED] as const),
      ];
      return { jobs: statuses(here), missing: new Map(missing) };
    },
  };
}

function statuses(known: ReadonlyMap<JobId, JobAttributes>): ReadonlyMap<JobId, JobStatus> {
  return new Map(
    [...known].flatMap(([id, attributes]) => {
      const status = pbsProStatus(attributes);
      return status === undefined ? [] : [[id, status] as const];
    }),
  );
}

/**
 * Deletes each job with a `qdel` of its own: given a job whose node is lost and after it one that it does not know, a server
 * of OpenPBS 23.06.06 crashes. A job whose node is lost is deleted by force, and what may still run there ends when the node
 * is back.
 */
function deletion(ids: readonly JobId[], force: readonly string[]): SchedulerQuestion<CancelOutcome> {
  return {
    argv: ['sh', '-c', deleteEach(['qdel', ...force].join(' ')), 'sh', ...ids],
    read: (result) => {
      const { outcomes, unreachable } = qdelAnswer(result, ids);
      const again = unreachable.length > 0 && force.length === 0;
      const refused = again ? [] : unreachable.map((id) => [id, 'failed'] as const);
      return {
        jobs: new Map([...outcomes, ...refused]),
        next: again ? [deletion(unreachable, ['-W', 'force'])] : [],
      };
    },
  };
}

/**
 * Program of `sh` that runs a command for each job, some at a time, and says what those said that failed. It is one line, as
 * who cancels the jobs of a process that was killed wants it.
 */
function deleteEach(qdel: string): string {
  const one = `{ said=$(${qdel} "$id" 2>&1) || echo "\${said:-${qdel} failed with exit code $?}"; } &`;
  const pause = `n=$((n + 1)); [ $((n % ${String(DELETED_AT_ONCE)})) -gt 0 ] || wait`;
  const complaints = `$(n=0; for id; do ${one} ${pause}; done; wait)`;
  return `complaints=${complaints}; [ -z "$complaints" ] || { echo "$complaints" >&2; exit 1; }`;
}

/** Asks for one name after the other: `qselect` knows but one at a time. */
function search([name = '', ...others]: readonly string[]): SchedulerQuestion<string> {
  return {
    argv: ['qselect', '-N', jobName(name)],
    read: ({ exitCode, stdout }) => {
      if (exitCode !== 0) {
        throw new Error('it did not look for the job');
      }
      const ids = stdout.split('\n').filter((line) => readJobId(line) !== undefined);
      return {
        jobs: new Map(ids.map((id) => [id.trim(), name])),
        next: others.length === 0 ? [] : [search(others)],
      };
    },
  };
}
