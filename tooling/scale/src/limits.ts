import { readFileSync } from 'node:fs';

/** What this machine grants, as far as it matters for many connections. */
export interface Limits {
  /** Open descriptors that one process may have at most. Node.js raises its own limit as far as that by itself. */
  readonly descriptors: number;
  /** Ports from which connections to one address and port can come, for each address of their own end. */
  readonly ports: number;
}

/** Reads the limits. Linux only. */
export function readLimits(): Limits {
  return {
    descriptors: parseDescriptors(readFileSync('/proc/self/limits', 'utf8')),
    ports: parsePorts(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')),
  };
}

/** @param text of `/proc/self/limits` */
export function parseDescriptors(text: string): number {
  const hard = /^Max open files +\S+ +(\S+)/m.exec(text)?.[1];
  if (hard === undefined) throw new Error('/proc/self/limits does not name the limit of open files');
  return hard === 'unlimited' ? Infinity : Number(hard);
}

/** @param text of `/proc/sys/net/ipv4/ip_local_port_range` */
export function parsePorts(text: string): number {
  const [first = 0, last = -1] = text.trim().split(/\s+/).map(Number);
  return last - first + 1;
}
