import { readFileSync } from 'node:fs';

/** What a process has used. */
export interface ProcessUsage {
  /** Of all its threads since its start, in ms. */
  readonly cpuMs: number;
  /** Memory that it holds now, in MB. */
  readonly memoryMb: number;
  /** The most that it has ever held, in MB. */
  readonly peakMb: number;
}

/** Linux counts the time of processes in hundredths of a second, on every machine. */
const TICK_MS = 10;

/** Reads it from `/proc`. */
export function readUsage(pid: number): ProcessUsage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return { cpuMs: parseCpu(stat), ...parseMemory(readFileSync(`/proc/${pid}/status`, 'utf8')) };
}

/** What several processes have used together. */
export function addUp(usages: readonly ProcessUsage[]): ProcessUsage {
  const sum = (field: keyof ProcessUsage) => usages.reduce((total, usage) => total + usage[field], 0);
  return { cpuMs: sum('cpuMs'), memoryMb: sum('memoryMb'), peakMb: sum('peakMb') };
}

/** @param stat of `/proc/PID/stat` */
export function parseCpu(stat: string): number {
  // The name of the program, in brackets, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return TICK_MS * (Number(fields[11]) + Number(fields[12]));
}

/** @param status of `/proc/PID/status` */
export function parseMemory(status: string): { memoryMb: number; peakMb: number } {
  const mb = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  return { memoryMb: mb('VmRSS'), peakMb: mb('VmHWM') };
}
