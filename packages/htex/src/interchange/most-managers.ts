import { readFileSync } from 'node:fs';

/** Descriptors that are left for other things than the connections of pools: sockets, files, pools that are refused. */
const RESERVE = 64;

/** How many worker pools this process can be connected to, as far as the system tells (Linux does). */
export function mostManagers(): number {
  try {
    return mostManagersBy(readFileSync('/proc/self/limits', 'utf8'));
  } catch {
    return Infinity;
  }
}

/** @param limits text of `/proc/PID/limits` of a Linux process; Node.js has raised the soft limit to the hard one by then */
export function mostManagersBy(limits: string): number {
  const soft = Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Infinity);
  return Math.max(1, soft - RESERVE);
}
