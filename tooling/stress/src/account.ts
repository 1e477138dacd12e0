import type { Done, Work } from './work.js';

/** What became of a task. */
export type Outcome = { readonly value: Done } | { readonly error: unknown };

/** The sum of a run. */
export interface Account {
  readonly tasks: number;
  readonly results: number;
  /** Tasks that were lost with their worker or manager, by error code. */
  readonly lost: Readonly<Record<string, number>>;
  /** Tasks that were started more than once. */
  readonly repeated: number;
  /** What must not be, in words; empty when all is well. */
  readonly wrong: readonly string[];
}

const LOSSES: readonly unknown[] = ['PARSL_WORKER_LOST', 'PARSL_MANAGER_LOST'];

/**
 * Adds up what became of tasks.
 *
 * @param starts how often each task was started, by its number
 * @param retries how often tasks were tried again
 */
export function accountFor(
  works: readonly Work[],
  outcomes: readonly Outcome[],
  starts: ReadonlyMap<number, number>,
  retries: number,
): Account {
  const wrong: string[] = [];
  const lost: Record<string, number> = {};
  let results = 0;
  let repeated = 0;
  for (const [index, work] of works.entries()) {
    const outcome = outcomes[index];
    const started = starts.get(work.id) ?? 0;
    if (started > 1) repeated++;
    if (started > 1 + retries) wrong.push(`task ${work.id} was started ${started} times`);
    if (outcome === undefined) {
      wrong.push(`task ${work.id} has no outcome`);
    } else if ('error' in outcome) {
      const code = codeOf(outcome.error);
      if (LOSSES.includes(code)) lost[code] = (lost[code] ?? 0) + 1;
      else wrong.push(`task ${work.id} failed: ${String(outcome.error)}`);
    } else {
      results++;
      if (started === 0) wrong.push(`task ${work.id} has a result and was never started`);
      if (!isRight(work, outcome.value)) wrong.push(`task ${work.id} has the result of another`);
    }
  }
  return { tasks: works.length, results, lost, repeated, wrong };
}

/** How often each task was started, from what workers noted. */
export function countStarts(notes: readonly string[]): Map<number, number> {
  const starts = new Map<number, number>();
  for (const note of notes) {
    for (const line of note.split('\n')) {
      if (line !== '') starts.set(Number(line), (starts.get(Number(line)) ?? 0) + 1);
    }
  }
  return starts;
}

/** Whether that is what the work gives. */
export function isRight(work: Pick<Work, 'id' | 'payload'>, { id, payload }: Done): boolean {
  const { length } = work.payload;
  return (
    id === work.id &&
    payload.length === length &&
    payload.every((byte, index) => byte === work.payload[length - 1 - index])
  );
}

/** The code by which programs know an error. */
export function codeOf(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : 'no code';
}
