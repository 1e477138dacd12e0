import type { Combination, How, When, Who } from './combination.js';
import { PATIENT_MS, THRESHOLD_MS } from './harm.js';
import { signal, type FaultyRun, type RunPlan } from './faulty-run.js';
import { bytesWritten, connectionsTo, isWriting, type Role } from './processes.js';

/** Bytes of a result that does not fit into the buffers on its way. */
const LARGE_BYTES = 4 * 2 ** 20;
/** Bytes that show that a result is on its way. */
const SOME_BYTES = 64 * 1024;

/** A task that nobody tries again. */
export const ONCE = 1;
/** A task that is tried again once. */
export const AGAIN = 2;

/** A moment that a run has come to. */
export interface Moment {
  /** The processes to strike; a negative number is that of a group. */
  readonly victims: readonly number[];
  /** Lets the run go on. */
  goOn(): void;
  /** Whether it goes on as soon as the fault is there, rather than after it. */
  readonly atOnce?: boolean;
}

/** The processes that `who` stands for. */
export const ROLES = {
  worker: 'worker',
  manager: 'manager',
  interchange: 'interchange',
  'submit process': 'submit',
  'batch job': 'job',
} as const satisfies Partial<Record<Who, Role>>;
export type ProcessKind = keyof typeof ROLES;

/** What takes longer than the threshold. */
const LONG: ReadonlySet<How | undefined> = new Set<How>([
  'paused long',
  'event loop blocked',
  'cut long',
  'one-way to the pool',
  'one-way from the pool',
]);

/** How a run is set up so that it comes to the moment. */
export function planFor({
  who,
  how,
  when,
}: Pick<Combination, 'who' | 'when'> & Partial<Pick<Combination, 'how'>>): RunPlan {
  const base: RunPlan = {
    thresholdMs: LONG.has(how) ? THRESHOLD_MS : PATIENT_MS,
    provider: {},
    maxIdleTimeMs: 120_000,
    holdCancel: false,
  };
  switch (when) {
    case 'starting':
      return { ...base, holdAtStart: who === 'batch job' ? 'manager' : ROLES[who as ProcessKind] };
    case 'registering':
      return {
        ...base,
        holdAtStart: 'manager',
        // A pool that has not found the interchange yet does not learn of the end of the run in another way.
        ...(who === 'submit process' ? { executor: { addressProbeTimeoutMs: THRESHOLD_MS } } : {}),
      };
    case 'draining':
      // It is over when the case says so.
      return { ...base, executor: { drainPeriodMs: 3_600_000 } };
    case 'scaling in':
      return { ...base, provider: { minBlocks: 0 }, maxIdleTimeMs: 800, holdCancel: true };
    default:
      return base;
  }
}

/** Brings a run to the moment. */
export const REACH: Readonly<Record<When, (run: FaultyRun, who: ProcessKind) => Promise<Moment>>> = {
  starting: async (run, who) => {
    if (who !== 'submit process') {
      await run.start();
      if (who !== 'interchange') await run.until('the run has started', () => run.heard.has('started'));
    }
    if (run.plan.holdAtStart === undefined) {
      await run.until('the other run works', () => run.heard.has('streaming'));
      return { victims: [run.child.pid ?? NaN], goOn: () => undefined };
    }
    const held = await run.held(who === 'batch job' ? 'manager' : ROLES[who]);
    const victims = who === 'batch job' ? await victimsOf(run, who) : [held];
    return { victims, goOn: () => letGo(run, held) };
  },

  registering: async (run, who) => {
    await run.ready();
    run.submit({ key: ONCE, retries: 0 });
    run.submit({ key: AGAIN, retries: 1 });
    const manager = await run.held('manager');
    const interchange = await theOne(run, 'interchange');
    const port = portOf(run);
    signal(interchange, 'SIGSTOP');
    run.order(manager, 'go');
    await run.until('the pool is connected', () => connectionsTo(manager, port).length > 0);
    return {
      victims: await victimsOf(run, who),
      goOn: () => signal(interchange, 'SIGCONT'),
      // What is stopped cannot do anything else.
      atOnce: who === 'interchange',
    };
  },

  'task in flight': async (run, who) => {
    await run.ready();
    submitBoth(run);
    await bothStarted(run);
    return { victims: await victimsOf(run, who), goOn: () => run.openGate() };
  },

  'result in flight': async (run, who) => {
    await run.ready();
    submitBoth(run, run.plan.resultBytes ?? LARGE_BYTES);
    await bothStarted(run);
    const victims = await victimsOf(run, who);
    const upstream = await theOne(run, UPSTREAM[who]);
    const senders = (await run.found(SENDER[who])).map(({ pid }) => pid);
    const before = senders.map(bytesWritten);
    signal(upstream, 'SIGSTOP');
    run.openGate();
    const isOnItsWay = () =>
      senders.some(
        (pid, index) =>
          isWriting(pid) ||
          bytesWritten(pid) - (before[index] ?? 0) > SOME_BYTES ||
          connectionsTo(pid, portOf(run)).some((waiting) => waiting > 0),
      );
    await run.until('a result is on its way', isOnItsWay);
    // A pause of its own would be another fault.
    return { victims, goOn: () => signal(upstream, 'SIGCONT'), atOnce: true };
  },

  draining: async (run, who) => {
    await run.ready();
    submitBoth(run);
    await bothStarted(run);
    const victims = await victimsOf(run, who);
    run.order(await theOne(run, 'manager'), 'let-an-hour-pass');
    await run.until('the pool drains', () => run.managers[0]?.draining === true);
    return { victims, goOn: () => run.openGate() };
  },

  'scaling in': async (run, who) => {
    await run.ready();
    run.submit({ key: ONCE, retries: 0 });
    run.submit({ key: AGAIN, retries: 1 });
    const victims = await victimsOf(run, who);
    await run.until('a block is given back', () => run.heard.has('cancelling'));
    // The end of the submit process in good order waits for the cancellation.
    return { victims, goOn: () => run.tell('letCancel'), atOnce: who === 'submit process' };
  },

  closing: async (run, who) => {
    await run.ready();
    submitBoth(run);
    await bothStarted(run);
    return { victims: await victimsOf(run, who), goOn: () => undefined };
  },
};

/** Who is stopped so that results pile up before it. */
const UPSTREAM: Readonly<Record<ProcessKind, Role>> = {
  worker: 'manager',
  manager: 'interchange',
  'batch job': 'interchange',
  interchange: 'submit',
  'submit process': 'interchange',
};
/** And who has them then. */
const SENDER: Readonly<Record<ProcessKind, Role>> = {
  worker: 'worker',
  manager: 'manager',
  'batch job': 'manager',
  interchange: 'interchange',
  'submit process': 'manager',
};

async function theOne(run: FaultyRun, role: Role): Promise<number> {
  const [found] = await run.found(role);
  return found?.pid ?? NaN;
}

/**
 * Both workers, so that each task is struck; otherwise there is only one of a kind. A batch job is the process group that
 * its script leads, which a negative number stands for.
 */
async function victimsOf(run: FaultyRun, who: ProcessKind): Promise<number[]> {
  const found = await run.found(ROLES[who], who === 'worker' ? 2 : 1);
  return found.map(({ pid }) => (who === 'batch job' ? -pid : pid));
}

function submitBoth(run: FaultyRun, bytes = 10): void {
  run.submit({ key: ONCE, retries: 0, bytes, gated: true });
  run.submit({ key: AGAIN, retries: 1, bytes, gated: true });
}

async function bothStarted(run: FaultyRun): Promise<void> {
  await run.until('both tasks run', () => run.starts().length === 2);
}

/** The port that pools connect to. */
function portOf(run: FaultyRun): number {
  return Number(/tcp:\/\/[^ ,]*:(\d+)/.exec(run.line)?.[1]);
}

function letGo(run: FaultyRun, pid: number): void {
  if (run.isWaiting(pid)) run.order(pid, 'go');
}
