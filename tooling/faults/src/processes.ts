import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** What a process is in a run. `guardian`: the shell that ends workers whose manager was killed. `job`: a block's script. */
export type Role = 'submit' | 'interchange' | 'manager' | 'worker' | 'guardian' | 'job' | 'other';

/** A process of a case. */
export interface CaseProcess {
  readonly pid: number;
  readonly parent: number;
  readonly role: Role;
  /** Whether it belongs to the run that the case plays with, rather than to the one beside it. */
  readonly faulty: boolean;
  readonly commandLine: string;
}

/** The variable of the environment by which the processes of a case are known, all of them. */
export const MARK = 'PARSL_FAULT_CASE';

/** All processes that run with `mark` in their environment. One that nobody has waited for yet does not run. */
export function processesOf(mark: string): CaseProcess[] {
  const found: CaseProcess[] = [];
  const wanted = `${MARK}=${mark}`;
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    try {
      if (!readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(wanted)) continue;
      found.push(look(pid));
    } catch {
      // It has ended meanwhile, or belongs to somebody else.
    }
  }
  const byPid = new Map(found.map((each) => [each.pid, each]));
  return found.map((each) => {
    const parent = byPid.get(each.parent);
    return {
      ...each,
      faulty: each.faulty || isFaultyChild(parent),
      // What has just been forked looks like its parent until its own program begins.
      role: each.commandLine === parent?.commandLine ? 'other' : each.role,
    };
  });
}

function isFaultyChild(parent: CaseProcess | undefined): boolean {
  return parent?.faulty === true && parent.role !== 'submit';
}

function look(pid: number): CaseProcess {
  const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  const parent = Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  const commandLine = words.join(' ').trim();
  const role = roleOf(words);
  const faulty =
    role === 'submit' || `${commandLine} ${readlinkSync(`/proc/${pid}/cwd`)}/`.includes('/faulty/');
  return { pid, parent, role, faulty, commandLine };
}

const PROGRAMS: Readonly<Record<string, Role>> = {
  'submit-process.mjs': 'submit',
  'parsl-interchange.js': 'interchange',
  'parsl-worker-pool.js': 'manager',
  'worker.js': 'worker',
};

function roleOf(words: readonly string[]): Role {
  const program = basename(words[0] ?? '');
  if (words.includes('parsl-guardian')) return 'guardian';
  if (program === 'bash' && /submit_scripts\/[^/]+\.sh$/.test(words[1] ?? '')) return 'job';
  if (program !== 'node') return 'other';
  const script = words.slice(1).find((word) => basename(word) in PROGRAMS);
  return script === undefined ? 'other' : (PROGRAMS[basename(script)] ?? 'other');
}

/** Whether a process, or the leader of a group, runs: neither gone nor waiting to be waited for. */
export function isRunning(pid: number): boolean {
  const [, state = 'X'] = readIfThere(`/proc/${Math.abs(pid)}/stat`).split(') ');
  return !/^[ZX]/.test(state);
}

/** Bytes that a process has written to pipes, sockets of streams and files so far. */
export function bytesWritten(pid: number): number {
  return Number(/^wchar: (\d+)$/m.exec(readIfThere(`/proc/${pid}/io`))?.[1] ?? 0);
}

/** The number of the system call `write`. */
const WRITE = process.arch === 'arm64' ? '64' : '1';

/** Whether a process waits until somebody reads what it writes. */
export function isWriting(pid: number): boolean {
  return readIfThere(`/proc/${pid}/syscall`).split(' ')[0] === WRITE;
}

/** Connections of the network that `pid` is in to this port of another process: how many bytes wait to be sent on each. */
export function connectionsTo(pid: number, port: number): number[] {
  const established = '01';
  return ['tcp', 'tcp6'].flatMap((family) => {
    const table = readIfThere(`/proc/${pid}/net/${family}`);
    return table.split('\n').flatMap((line) => {
      const [, , remote = '', state = '', queues = ''] = line.trim().split(/\s+/);
      const isTo = state === established && Number.parseInt(remote.split(':')[1] ?? '', 16) === port;
      return isTo ? [Number.parseInt(queues.split(':')[0] ?? '', 16)] : [];
    });
  });
}

/** A file of a process that may have ended. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
