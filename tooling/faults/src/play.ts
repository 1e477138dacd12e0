import { setTimeout } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Combination } from './combination.js';
import { FaultyRun, gone, type SeenError } from './faulty-run.js';
import { THRESHOLD_MS, type Harm } from './harm.js';
import { AGAIN, ONCE, REACH, type Moment, type ProcessKind } from './moments.js';
import type { Outcome } from './outcome.js';
import { processesOf } from './processes.js';
import { setUp } from './prepare.js';
import type { Setup } from './setup.js';

/** What must end at once has so long, in ms: the machine may be busy. */
const AT_ONCE_MS = 15_000;
/** How long closing may take, in ms: blocks that do not obey are ended by force. */
const CLOSING_MS = 30_000;
/** How long a process may take to die of what is fatal, in ms: it may have to fill its memory first. */
const FATAL_MS = 30_000;
/** A task that is submitted when all is over. */
const AFTER = 3;

/**
 * Plays a case, and checks what must be true afterwards.
 *
 * @param prepared how the fault comes about, if in another way than usual
 */
export async function playCase(
  combination: Combination,
  outcome: Outcome,
  prepared: Setup = setUp(combination),
): Promise<void> {
  using setup = prepared;
  const { by, harm } = setup;
  await using run = new FaultyRun(setup.plan);
  run.onStarted = setup.onStarted?.bind(setup);
  const when = setup.reach ?? combination.when;
  const moment = await REACH[when](run, by);
  const doomed = harm.lastsMs === 0 ? withDescendants(run, moment.victims, by) : [];
  if (when === 'closing') {
    await closeWhile(run, moment.victims, harm);
    if (outcome.is === 'over') await checkOver(run, AT_ONCE_MS);
    else await checkClosed(run);
    return;
  }
  await strike(run, moment, harm, outcome);
  if (outcome.is === 'over') {
    // A pool that has not found the interchange yet goes on looking for it for a while.
    await checkOver(run, when === 'registering' ? THRESHOLD_MS + AT_ONCE_MS : AT_ONCE_MS);
    return;
  }
  await gone(run, doomed, AT_ONCE_MS);
  if (when === 'starting') await submitLate(run, by, outcome);
  const relent = () => {
    if (harm.lastsMs === Infinity) for (const pid of moment.victims) harm.relent(pid, run);
  };
  await checkOutcome(run, outcome, relent);
  await checkEnd(run, outcome);
}

/** Does it, sees it through, and lets the run go on. */
async function strike(run: FaultyRun, moment: Moment, harm: Harm, outcome: Outcome): Promise<void> {
  const { victims, atOnce = false } = moment;
  for (const pid of victims) harm.strike(run, pid);
  if (atOnce || harm.lastsMs === Infinity) moment.goOn();
  if (harm.lastsMs === Infinity) return;
  if (harm.lastsMs === 0) await gone(run, victims, FATAL_MS);
  else await setTimeout(harm.lastsMs);
  if (outcome.is === 'lost') await run.until('the loss is noticed', () => run.settled.has(ONCE));
  for (const pid of victims) harm.relent(pid, run);
  if (!atOnce) moment.goOn();
}

async function submitLate(run: FaultyRun, who: ProcessKind, outcome: Outcome): Promise<void> {
  if (who === 'submit process') await run.start();
  if (outcome.is === 'refused') return;
  await run.until('the run has started', () => run.heard.has('started'));
  run.submit({ key: ONCE, retries: 0 });
  run.submit({ key: AGAIN, retries: 1 });
}

/** Whatever is to end with the victims. */
function withDescendants(run: FaultyRun, victims: readonly number[], who: ProcessKind): number[] {
  if (who === 'interchange' || who === 'submit process') return [];
  const all = processesOf(run.mark);
  const doomed = new Set(victims.map(Math.abs));
  for (let before = 0; before < doomed.size;) {
    before = doomed.size;
    for (const { pid, parent } of all) if (doomed.has(parent)) doomed.add(pid);
  }
  return [...doomed];
}

/** Waits until all is settled and looks at it. */
async function checkOutcome(run: FaultyRun, outcome: Outcome, relent: () => void): Promise<void> {
  if (outcome.is === 'refused') {
    await run.until('the start is refused', () => run.refusal !== undefined);
    checkError(run.refusal, outcome.code, outcome.says);
    return;
  }
  await run.until('all tasks are settled', () => run.settled.has(ONCE) && run.settled.has(AGAIN));
  relent();
  run.submit({ key: AFTER, retries: 0 });
  await run.until('the run goes on', () => run.settled.has(AFTER));
  expect(run.settled.get(AFTER), run.describe()).toMatchObject({ ok: true });
  const [once, again] = [run.settled.get(ONCE), run.settled.get(AGAIN)];
  expect(again, run.describe()).toMatchObject({ ok: true });
  if (outcome.is === 'unharmed') {
    expect(once, run.describe()).toMatchObject({ ok: true });
    expect(run.starts().sort()).toEqual([ONCE, AGAIN, AFTER]);
  } else if (outcome.is === 'lost') {
    checkError(once?.error, outcome.code, outcome.says);
    expect(run.starts().filter((key) => key === AGAIN)).toHaveLength(outcome.tries);
  } else if (outcome.is === 'settled' && once?.ok !== true) {
    expect(outcome.codes, run.describe()).toContain(once?.error?.code);
  }
  expect(run.starts().filter((key) => key === ONCE)).toHaveLength(1);
}

function checkError(error: SeenError | undefined, code: string, says: readonly RegExp[]): void {
  expect(error, error?.message).toMatchObject({ code });
  for (const pattern of says) expect(error?.message).toMatch(pattern);
}

/** Closes, and checks that nobody else has suffered and that nothing is left. */
export async function checkEnd(run: FaultyRun, outcome: Outcome): Promise<void> {
  if (outcome.is !== 'refused') {
    run.close();
    await run.until('the run is closed', () => run.closing !== undefined, CLOSING_MS);
    expect(run.closing?.error).toBeUndefined();
  }
  run.tell('end');
  await run.until('the submit process gives its account', () => run.account !== undefined);
  await run.until('the submit process has ended', () => run.end !== undefined);
  expect(run.end).toEqual({ code: 0, signal: null });
  expect(run.account?.stream.failed).toEqual([]);
  expect(run.account?.stream.succeeded).toBeGreaterThan(0);
  expect(run.account?.answers.filter(([, times]) => times !== 1)).toEqual([]);
  await checkNothingLeft(run, AT_ONCE_MS);
}

/** What a submit process leaves that has ended: nothing. */
async function checkOver(run: FaultyRun, withinMs: number): Promise<void> {
  await run.until('the submit process has ended', () => run.end !== undefined);
  await checkNothingLeft(run, withinMs);
}

async function checkNothingLeft(run: FaultyRun, withinMs: number): Promise<void> {
  await run.until('nothing is left running', () => processesOf(run.mark).length === 0, withinMs);
  expect(run.temporaryFiles()).toEqual([]);
}

/** The fault comes at the moment in which the run is closed. */
async function closeWhile(run: FaultyRun, victims: readonly number[], harm: Harm): Promise<void> {
  // What dies does so beside the order; anything else is so when the order comes.
  if (harm.lastsMs === 0) run.close();
  for (const pid of victims) harm.strike(run, pid);
  if (harm.lastsMs === 0) return;
  run.close();
  if (harm.lastsMs < Infinity) await setTimeout(harm.lastsMs);
  for (const pid of victims) harm.relent(pid, run);
}

async function checkClosed(run: FaultyRun): Promise<void> {
  await run.until('the run is closed', () => run.closing !== undefined, CLOSING_MS);
  expect(run.closing?.error).toBeUndefined();
  const isSettled = (key: number) => run.settled.get(key)?.error !== undefined;
  expect([ONCE, AGAIN].filter(isSettled), run.describe()).toEqual([ONCE, AGAIN]);
  await checkEnd(run, { is: 'closed' });
}
