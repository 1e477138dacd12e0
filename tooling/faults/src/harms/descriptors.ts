import { execFileSync } from 'node:child_process';
import type { Combination, When } from '../combination.js';
import { signal, type FaultyRun } from '../faulty-run.js';
import type { Harm } from '../harm.js';
import { planFor, type ProcessKind } from '../moments.js';
import type { Setup } from '../setup.js';

/** Whose descriptors are used up: whoever needs new ones at that moment. */
const WHOSE: Readonly<Partial<Record<When, ProcessKind>>> = {
  starting: 'submit process',
  registering: 'interchange',
  'task in flight': 'manager',
  'scaling in': 'submit process',
  closing: 'submit process',
};
/** All of these are taken in every process of a run. */
const TAKEN = 16;

/** A process can open nothing more, until all tasks have ended. */
export function noDescriptors({ when }: Combination): Setup {
  const by = WHOSE[when] ?? 'submit process';
  const limits = new Map<number, string>();
  const harm: Harm = {
    strike: (run, pid) => {
      limits.set(pid, limitOf(pid));
      limit(pid, String(TAKEN));
      // A manager that has lost its workers needs descriptors for new ones.
      if (by === 'manager') killWorkers(run);
    },
    lastsMs: when === 'registering' || by === 'manager' ? 1000 : Infinity,
    relent: (pid) => limit(pid, limits.get(pid) ?? ''),
  };
  const plan = { ...planFor({ who: by, when }), ...(when === 'starting' ? { holdAtStart: undefined } : {}) };
  return { plan, by, harm, [Symbol.dispose]: () => undefined };
}

function killWorkers(run: FaultyRun): void {
  for (const { pid } of run.find('worker')) signal(pid, 'SIGKILL');
}

function limitOf(pid: number): string {
  const words = ['--pid', String(pid), '--nofile', '--output=SOFT', '--noheadings', '--raw'];
  return execFileSync('prlimit', words, { encoding: 'utf8' }).trim();
}

function limit(pid: number, soft: string): void {
  try {
    execFileSync('prlimit', ['--pid', String(pid), `--nofile=${soft}:`], { stdio: 'pipe' });
  } catch {
    // It has ended.
  }
}
