import { constants } from 'node:os';
import { scriptEnd, type JobStatus, type Launcher } from '@parsl-ts/provider';

/** What a job's script says last, on standard error; its exit code follows. */
const LAST_WORDS = 'parsl: the job script ended with exit code';

/**
 * Lines for the beginning of a script: whatever ends it, it tells its exit code on standard error. A server without history
 * forgets a job at its end, and some do not tell exit codes at all; the output comes all the same. A signal that bash did
 * not expect would end it with the exit code of its last command.
 */
export const RECORD_END = [
  `trap 'parsl_code=$?; echo "${LAST_WORDS} $parsl_code" >&2; exit "$parsl_code"' EXIT`,
  ...(['SIGHUP', 'SIGINT', 'SIGUSR1', 'SIGUSR2', 'SIGTERM'] as const).map(
    (signal) => `trap 'exit ${String(128 + constants.signals[signal])}' ${signal.slice('SIG'.length)}`,
  ),
].join('\n');

/**
 * The launcher, run so that the script outlives it and can tell its end. PBS sends signals to every process of a job:
 * they reach the launcher's as well, and what is left to the script is to wait for them.
 */
export function outlived(launcher: Launcher): Launcher {
  return {
    label: launcher.label,
    fragment: (request) => `trap : TERM INT HUP USR1 USR2\n(\n${launcher.fragment(request)})\n`,
  };
}

/** What PBS, and Slurm beneath Torque's commands, write to a job's standard error when they end it. */
const KILLED: readonly { readonly line: RegExp; readonly state: JobStatus['state'] }[] = [
  { line: /^=>> PBS: job killed: walltime .*$/m, state: 'timeout' },
  { line: /^=>> PBS: job killed: .*$/m, state: 'failed' },
  { line: slurmLine(' DUE TO (?:TIME LIMIT|PREEMPTION)\\b'), state: 'timeout' },
  { line: slurmLine(' DUE TO NODE FAIL'), state: 'failed' },
  { line: slurmLine(''), state: 'cancelled' },
];

/** A line of Slurm about the end of a job, not of a step in it. Before it is the node's name, where several may share a host. */
function slurmLine(reason: string): RegExp {
  return new RegExp(`^slurmstepd(?:-\\S+)?: .*\\bJOB \\d+ ON \\S+ CANCELLED AT \\S+${reason}.*$`, 'm');
}

/** How a job ended, by the end of its standard error; `undefined` when it does not say, or not yet. */
export function readEnd(stderr: string): JobStatus | undefined {
  for (const { line, state } of KILLED) {
    const message = line.exec(stderr)?.[0];
    if (message !== undefined) {
      return { state, message };
    }
  }
  const code = [...stderr.matchAll(new RegExp(`^${LAST_WORDS} (\\d+)$`, 'gm'))].at(-1)?.[1];
  return code === undefined ? undefined : scriptEnd(Number(code));
}
