import type { Limits } from './limits.js';
import type { Size } from './size.js';

/** Managers that one process simulates, at most: with more, the event loop of that process would be what is measured. */
const MANAGERS_PER_PROCESS = 4096;
/** Descriptors of one connection in a process that simulates managers: the connection and the event of its socket. */
const DESCRIPTORS_PER_MANAGER = 2;
/** Descriptors that a process has besides its connections, at most. */
const OTHER_DESCRIPTORS = 128;
/** Addresses of the loopback network in one block of 250; the first of them, 127.0.0.1, is left to others. */
const FIRST_ADDRESS = 2;
const MOST_PROCESSES = 250;

/** What one process simulates. */
export interface SimulatorPlan {
  readonly managers: number;
  /** Address of its end of the connections: each has ports of its own, also those that wait after their last use. */
  readonly sourceAddress: string;
}

/**
 * Which processes simulate the managers.
 *
 * @param processes how many, or `undefined` for as many as it takes
 * @throws Error when it cannot be done; says which limit is too low and how it is raised
 */
export function planSimulators(size: Size, limits: Limits, processes?: number): SimulatorPlan[] {
  const { managers } = size;
  const count = processes ?? Math.ceil(managers / MANAGERS_PER_PROCESS);
  const most = Math.ceil(managers / count);
  const problems = [
    ...descriptorProblem('the interchange', managers, managers + OTHER_DESCRIPTORS, limits),
    ...descriptorProblem(
      'a process that simulates managers',
      most,
      most * DESCRIPTORS_PER_MANAGER + OTHER_DESCRIPTORS,
      limits,
    ),
    ...portProblem(most, limits),
    ...(count > MOST_PROCESSES
      ? [`${count} processes are too many; at most ${MOST_PROCESSES} are planned`]
      : []),
  ];
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return Array.from({ length: count }, (_, index) => ({
    managers: Math.floor(((index + 1) * managers) / count) - Math.floor((index * managers) / count),
    sourceAddress: `127.0.0.${index + FIRST_ADDRESS}`,
  }));
}

function descriptorProblem(who: string, managers: number, needed: number, { descriptors }: Limits): string[] {
  if (needed <= descriptors) return [];
  return [
    `${who} needs ${needed} open descriptors for ${managers} managers, and the hard limit is ${descriptors}. ` +
      `Raise it: 'ulimit -Hn ${needed}' as root in the shell that starts this, LimitNOFILE= of a systemd unit, ` +
      `'nofile' in /etc/security/limits.conf, or --ulimit of docker run. Node.js raises the soft limit by itself.`,
  ];
}

function portProblem(managers: number, { ports }: Limits): string[] {
  if (managers <= ports) return [];
  return [
    `one process would need ${managers} ports for its connections, and net.ipv4.ip_local_port_range has ${ports}; ` +
      `use more processes (--processes)`,
  ];
}
