import type { JobId, JobStatus, SchedulerQuestion } from '@parsl-ts/provider';
import { readAccounting, type AccountingFilter } from './accounting.js';
import { readErrors, readJobList, type ListedJob } from './job-list.js';

/** Ended jobs that are asked for one by one. `qacct` reads the whole accounting file each time, so more go together. */
const ASKED_ONE_BY_ONE = 10;

type Question = SchedulerQuestion<JobStatus>;

/** Asks `qstat`, which lists jobs that have not ended; from that follow questions about some of them, and about the others. */
export function statusQuestion(ids: readonly JobId[], filter: AccountingFilter): Question {
  return {
    argv: ['qstat', '-xml', '-s', 'prs'],
    read: (result) => {
      const listed = new Map(readJobList(result).map((job) => [job.id, job]));
      const present = ids.flatMap((id) => listed.get(id) ?? []);
      const inError = present.filter(({ state }) => state.includes('E'));
      const waiting = present.filter(({ state }) => !state.includes('E') && state.includes('q'));
      const started = present.filter(({ state }) => !/[Eq]/.test(state));
      const ended = ids.filter((id) => !listed.has(id));
      return {
        jobs: new Map(waiting.map(({ id, state }) => [id, heldBy(/h/, state) ?? { state: 'pending' }])),
        next: [
          ...(inError.length > 0 ? [askReasons(inError.map(({ id }) => id))] : []),
          ...(started.length > 0 ? [askHosts(started)] : []),
          ...(ended.length > ASKED_ONE_BY_ONE
            ? [askEnds(ended, filter)]
            : ended.map((id) => askEnd(id, filter))),
        ],
      };
    },
  };
}

/** A job with one of these letters does not go on by itself. */
function heldBy(letters: RegExp, state: string): JobStatus | undefined {
  return letters.test(state) ? { state: 'held', message: `its state is ${state}` } : undefined;
}

/** A job whose host is not heard of any more would be listed as running for ever. */
function askHosts(started: readonly ListedJob[]): Question {
  return {
    // In the state u are all hosts for half a minute after the qmaster was restarted.
    argv: ['qselect', '-qs', 'u'],
    read: ({ exitCode, stdout, stderr }) => {
      if (exitCode !== 0 && stderr.trim() !== '') {
        throw new Error('qselect did not select queues');
      }
      const silent = new Set(stdout.split('\n'));
      const sound = started.filter(({ queueInstance }) => !silent.has(queueInstance));
      const lost = started.filter(({ queueInstance }) => silent.has(queueInstance));
      return {
        jobs: new Map(sound.map(({ id, state }) => [id, heldBy(/[sST]/, state) ?? { state: 'running' }])),
        missing: new Map(lost.map(({ id, queueInstance }) => [id, notHeardOf(queueInstance)])),
      };
    },
  };
}

function notHeardOf(queueInstance: string): JobStatus {
  return { state: 'failed', message: `its host is not heard of any more (${queueInstance})` };
}

/** A job in error never leaves that state by itself: it has failed, and is deleted. */
function askReasons(ids: readonly JobId[]): Question {
  return {
    argv: ['qstat', '-j', ids.join(',')],
    read: ({ stdout }) => {
      const jobs = readErrors(stdout);
      const deletion = { argv: ['qdel', ...jobs.keys()], read: () => ({ jobs: new Map() }) };
      return { jobs, next: jobs.size > 0 ? [deletion] : [] };
    },
  };
}

function askEnds(ids: readonly JobId[], filter: AccountingFilter): Question {
  return {
    argv: ['qacct', ...filter.argv, '-j'],
    read: ({ stdout, stderr }) => {
      const jobs = readAccounting(stdout, filter);
      const unrecorded = ids.filter((id) => !jobs.has(id));
      // A record of a job that could not be started has no time, and so is not in this answer.
      return unrecorded.length > ASKED_ONE_BY_ONE
        ? { jobs, missing: new Map(unrecorded.map((id) => [id, notRecorded(stderr)])) }
        : { jobs, next: unrecorded.map((id) => askEnd(id, filter)) };
    },
  };
}

/** The record comes late. Never, if the job was deleted before it started, or if the accounting cannot be read here. */
function askEnd(id: JobId, filter: AccountingFilter): Question {
  return {
    argv: ['qacct', '-j', id],
    read: ({ stdout, stderr }) => {
      const jobs = readAccounting(stdout, filter);
      return jobs.has(id) ? { jobs } : { jobs, missing: new Map([[id, notRecorded(stderr)]]) };
    },
  };
}

function notRecorded(complaint: string): JobStatus {
  const message = `it has left the queue, and qacct has no record of its end: ${complaint.trim()}`;
  return { state: 'failed', message: message.replace(/: $/, '') };
}
