import type {
  CancelOutcome,
  CommandResult,
  JobId,
  JobStatus,
  SchedulerDialect,
  SchedulerQuestion,
} from '@parsl-ts/provider';
import { readJobs } from './job-attributes.js';
import { readJobId } from './job-id.js';
import { jobName } from './job-name.js';
import { memory, pbsScript, type PbsScriptOptions } from './job-script.js';
import { qdelAnswer } from './qdel-answer.js';
import { qstatAnswer } from './qstat-answer.js';
import { readEnd } from './recorded-end.js';
import { submitCommand } from './submit-command.js';
import { torqueStatus } from './torque-status.js';

/** What the dialect of Torque depends on. */
export interface TorqueDialectOptions extends PbsScriptOptions {
  readonly nodeOptions: string | undefined;
}

/** What `qsub` says when it finds no server, or none that serves anybody. Slurm's puts what `sbatch` said on standard output. */
const NO_SERVER =
  /cannot connect to|no free connections|unable to contact|connection refused|authentication error|standby mode|temporarily unable/i;

/** What `qsub` says when the server may have heard it, and no answer came. */
const NO_ANSWER =
  /communication failure|end of file|timed out|zero bytes|(?:receive|shutdown) failure|reset by peer|broken pipe/i;

/** Jobs that ended, and nothing else is known of them. */
const UNTOLD: JobStatus = {
  state: 'failed',
  message: 'qstat does not tell how it ended, and its output does not either',
};

/** How Torque is spoken to, and Slurm through the commands that it has for Torque's users. */
export function torqueDialect(options: TorqueDialectOptions): SchedulerDialect {
  return {
    script: (request) => pbsScript(request, options, [resources(options)]),
    submit: (_request, files) => submitCommand(['qsub'], files),
    readJobId,
    mayHaveSubmitted: ({ stdout, stderr }) => NO_ANSWER.test(stdout + stderr),
    isUnavailable: ({ stdout, stderr }) => NO_SERVER.test(stdout + stderr),
    find,
    status,
    readEnd,
    cancel: (ids) => ({
      argv: ['qdel', ...ids],
      read: (result) => ({ jobs: outcomes(result, ids) }),
    }),
  };
}

/** In one `-l`: of several, Slurm's `qsub` takes the last. */
function resources(options: TorqueDialectOptions): string {
  const { nodesPerBlock, cpusPerNode, memPerNodeGb, nodeOptions, walltime } = options;
  const nodes = [
    `nodes=${nodesPerBlock}`,
    `ppn=${cpusPerNode}`,
    ...(nodeOptions === undefined ? [] : [nodeOptions.replace(/^:/, '')]),
  ];
  // Torque counts the memory of a job over all of its nodes.
  const mem = memPerNodeGb === undefined ? '' : `,mem=${memory(memPerNodeGb * nodesPerBlock)}`;
  return `${nodes.join(':')},walltime=${walltime}${mem}`;
}

function status(ids: readonly JobId[]): SchedulerQuestion<JobStatus> {
  return {
    argv: ['qstat', '-f', ...ids],
    read: (result) => {
      const { known, unknown } = qstatAnswer(result, ids);
      const jobs = new Map<JobId, JobStatus>();
      const missing = new Map(unknown.map((id) => [id, UNTOLD]));
      for (const [id, attributes] of known) {
        const told = torqueStatus(attributes);
        if (told === 'ended') {
          missing.set(id, UNTOLD);
        } else if (told !== undefined) {
          jobs.set(id, told);
        }
      }
      return { jobs, missing };
    },
  };
}

/** Asks for all jobs: Slurm has no `qselect`, and its `qstat` finds no names. */
function find(names: readonly string[]): SchedulerQuestion<string> {
  return {
    argv: ['qstat', '-f'],
    read: ({ exitCode, stdout }) => {
      // 153: there are no jobs.
      if (exitCode !== 0 && exitCode !== 153) {
        throw new Error('it did not tell the jobs');
      }
      const found = [...readJobs(stdout)].flatMap(([id, attributes]) => {
        const name = names.find((each) => jobName(each) === attributes.get('Job_Name'));
        return name === undefined ? [] : [[id, name] as const];
      });
      return { jobs: new Map(found) };
    },
  };
}

function outcomes(result: CommandResult, ids: readonly JobId[]): ReadonlyMap<JobId, CancelOutcome> {
  const silent = result.stdout.trim() === '' && result.stderr.trim() === '';
  if (silent && result.exitCode !== undefined && result.exitCode > 0) {
    // Slurm's, of jobs that have ended or that it does not know: only how many there are. The others are cancelled.
    return new Map(ids.map((id) => [id, result.exitCode === ids.length ? 'gone' : 'cancelled']));
  }
  const answer = qdelAnswer(result, ids);
  return new Map([...answer.outcomes, ...answer.unreachable.map((id) => [id, 'failed'] as const)]);
}
