import type { BlockRequest, JobId, JobStatus, SchedulerDialect, SchedulerQuestion } from '@parsl-ts/provider';
import { readAccounting } from './accounting.js';
import { readOutcomes } from './deletion.js';
import { readErrorReasons, readJobList, type ListedJob } from './job-list.js';

/** Ended jobs that `qacct` is asked for one by one. It reads the whole accounting file each time, so more go together. */
const ASKED_ONE_BY_ONE = 4;

/** What the dialect of Grid Engine depends on. */
export interface GridEngineDialectOptions {
  /** Gives the text of a block's script. */
  readonly script: (request: BlockRequest) => string;
  /** Whose jobs they are. */
  readonly user: string;
  /** Before the first of them starts: year to minute, `202611251600`. */
  readonly since: string;
}

/** How Grid Engine is spoken to. `qstat` tells of jobs that have not ended; `qacct` of the others, a little late. */
export function gridEngineDialect({ script, user, since }: GridEngineDialectOptions): SchedulerDialect {
  return {
    script,
    // As arguments, paths need no quotes. After a colon, they may have colons. `-j n`: the user's defaults may say `-j y`.
    submit: ({ scriptDir }, { scriptPath, stdoutPath, stderrPath }) => {
      const output = ['-o', `:${stdoutPath}`, '-e', `:${stderrPath}`, '-j', 'n'];
      return ['qsub', '-terse', '-wd', scriptDir, ...output, scriptPath];
    },
    readJobId: (stdout) => /^\d+(?=\s*$)/m.exec(stdout)?.[0],
    mayHaveSubmitted: ({ stderr }) => stderr.includes('failed receiving gdi request'),
    find: (names) => ({
      // With z: those that have just ended.
      argv: ['qstat', '-xml', '-s', 'przs'],
      read: (result) => {
        const found = readJobList(result).filter(({ name }) => names.includes(name));
        return { jobs: new Map(found.map(({ id, name }) => [id, name])) };
      },
    }),
    status: (ids) => ({
      argv: ['qstat', '-xml', '-s', 'prs'],
      read: (result) => {
        const listed = new Map(readJobList(result).map((job) => [job.id, job]));
        const present = ids.flatMap((id) => listed.get(id) ?? []);
        const inError = present.filter(({ state }) => state.includes('E'));
        const started = present.filter(({ state }) => !/[Eq]/.test(state));
        const waiting = present.filter(({ state }) => /^[^E]*q/.test(state));
        const ended = ids.filter((id) => !listed.has(id));
        return {
          jobs: new Map(waiting.map(({ id, state }) => [id, waitingState(state)])),
          next: [
            ...(inError.length > 0 ? [askReasons(inError.map(({ id }) => id))] : []),
            ...(started.length > 0 ? [askHosts(started)] : []),
            ...(ended.length > ASKED_ONE_BY_ONE ? [askEnds(ended, user, since)] : ended.map(askEnd)),
          ],
        };
      },
    }),
    cancel: (ids) => ({ argv: ['qdel', ...ids], read: (result) => ({ jobs: readOutcomes(result) }) }),
  };
}

function waitingState(state: string): JobStatus {
  return state.includes('h') ? { state: 'held', message: `it is on hold (${state})` } : { state: 'pending' };
}

/** A job on a host that is not heard of any more would be listed as running for ever. */
function askHosts(started: readonly ListedJob[]): SchedulerQuestion<JobStatus> {
  return {
    // u: unknown, since the qmaster does not hear of the host. All are for half a minute after the qmaster was restarted.
    argv: ['qselect', '-qs', 'u'],
    read: ({ exitCode, stdout, stderr }) => {
      if (exitCode !== 0 && stderr.trim() !== '') {
        throw new Error('qselect did not select queues');
      }
      const unknown = new Set(stdout.split('\n'));
      const isLost = ({ queueInstance }: ListedJob): boolean => unknown.has(queueInstance);
      return {
        jobs: new Map(
          started.filter((job) => !isLost(job)).map(({ id, state }) => [id, startedState(state)]),
        ),
        missing: new Map(started.filter(isLost).map(({ id, queueInstance }) => [id, lost(queueInstance)])),
      };
    },
  };
}

function startedState(state: string): JobStatus {
  return /[sST]/.test(state)
    ? { state: 'held', message: `it is suspended (${state})` }
    : { state: 'running' };
}

function lost(queueInstance: string): JobStatus {
  return { state: 'failed', message: `its execution host is not heard of any more (${queueInstance})` };
}

/** A job in error never leaves that state by itself: it is deleted, and has failed. */
function askReasons(ids: readonly JobId[]): SchedulerQuestion<JobStatus> {
  return {
    argv: ['qstat', '-j', ids.join(',')],
    read: ({ stdout }) => {
      const reasons = readErrorReasons(stdout);
      return { jobs: new Map(), next: reasons.size > 0 ? [removeFailed(reasons)] : [] };
    },
  };
}

function removeFailed(reasons: ReadonlyMap<JobId, string>): SchedulerQuestion<JobStatus> {
  return {
    argv: ['qdel', ...reasons.keys()],
    read: (result) => {
      const removed = readOutcomes(result);
      const failed = [...reasons].filter(([id]) => (removed.get(id) ?? 'failed') !== 'failed');
      return {
        jobs: new Map(failed.map(([id, reason]) => [id, { state: 'failed', message: `Eqw: ${reason}` }])),
      };
    },
  };
}

function askEnds(ids: readonly JobId[], user: string, since: string): SchedulerQuestion<JobStatus> {
  return {
    argv: ['qacct', '-o', user, '-b', since, '-j'],
    read: ({ stdout }) => {
      const jobs = readAccounting(stdout);
      // Jobs that never started are not in this answer.
      return { jobs, next: ids.filter((id) => !jobs.has(id)).map(askEnd) };
    },
  };
}

function askEnd(id: JobId): SchedulerQuestion<JobStatus> {
  return {
    argv: ['qacct', '-j', id],
    read: ({ stdout, stderr }) => {
      const jobs = readAccounting(stdout);
      const message = `it has left the queue, and qacct has no record of its end: ${stderr.trim()}`;
      return { jobs, missing: jobs.has(id) ? new Map() : new Map([[id, { state: 'failed', message }]]) };
    },
  };
}
