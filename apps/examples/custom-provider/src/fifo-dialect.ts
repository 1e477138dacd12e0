import { fileURLToPath } from 'node:url';
import {
  jobScript,
  type CancelOutcome,
  type CommandResult,
  type JobId,
  type JobStatus,
  type Launcher,
  type SchedulerDialect,
} from '@parsl-ts/provider';

/** What the dialect of `fifo` depends on. */
export interface FifoDialectOptions {
  /** Directory of the queue, shared by all who use it. Absolute path. */
  readonly queue: string;
  readonly nodesPerBlock: number;
  readonly launcher: Launcher;
  readonly workerInit: string;
}

/** How `fifo` is spoken to: its arguments, and how its answers read. */
export function fifoDialect(options: FifoDialectOptions): SchedulerDialect {
  const { queue, nodesPerBlock, launcher, workerInit } = options;
  const fifo = (...args: readonly string[]): readonly string[] => [
    fileURLToPath(new URL('../bin/fifo', import.meta.url)),
    queue,
    ...args,
  ];
  return {
    script: (request) => jobScript({ request, nodesPerBlock, launcher, workerInit }),
    submit: (_request, { scriptPath, stdoutPath, stderrPath }) =>
      fifo('submit', scriptPath, stdoutPath, stderrPath),
    readJobId: (stdout) => /^job (\d+)$/m.exec(stdout)?.[1],
    status: (ids) => ({
      argv: fifo('status', ...ids),
      read: (result) => ({ jobs: readStates(result) }),
    }),
    cancel: (ids) => ({
      argv: fifo('cancel', ...ids),
      read: (result) => ({ jobs: readOutcomes(result) }),
    }),
  };
}

function readStates(result: CommandResult): ReadonlyMap<JobId, JobStatus> {
  return new Map(lines(result).map(([id, word, code]) => [id, statusOf(word, code)]));
}

function statusOf(word: string, code: string | undefined): JobStatus {
  switch (word) {
    case 'waiting':
      return { state: 'pending' };
    case 'running':
      return { state: 'running' };
    case 'cancelled':
      return { state: 'cancelled' };
    case 'lost':
      return { state: 'failed', message: 'it ended without a word; was the machine restarted?' };
    case 'ended':
      return { state: code === '0' ? 'completed' : 'failed', exitCode: Number(code) };
    default:
      throw new Error(`fifo knows a state that this dialect does not: ${word}`);
  }
}

function readOutcomes(result: CommandResult): ReadonlyMap<JobId, CancelOutcome> {
  return new Map(lines(result).map(([id, word]) => [id, word === 'over' ? 'gone' : 'cancelled']));
}

/** The words of each line; throws for an answer that is none. */
function lines({ exitCode, stdout }: CommandResult): [id: string, word: string, code: string | undefined][] {
  if (exitCode !== 0) {
    throw new Error('fifo failed');
  }
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [id = '', word = '', code] = line.split(' ');
      return [id, word, code];
    });
}
