import {
  attack,
  attackTimeoutMs,
  bundle,
  framesPerTarget,
  fuzzSeed,
  noteFigures,
  unbundle,
} from '@parsl-ts-internal/fuzz';
import {
  controlMessage,
  joinRecords,
  MessageType,
  preamble,
  ProtocolError,
  registerMessage,
  resultField,
  ResultStatus,
  type Holdings,
} from '@parsl-ts/wire';
import { expect, test } from 'vitest';

import { registration, resultRecord, taskRecord } from '../testing/simulated-run.js';
import { InterchangeState } from './interchange-state.js';
import { PoolReader } from './pool-reader.js';
import { seededRandom } from './seeded-random.js';
import { createSelector } from './selector.js';

const FRAMES = framesPerTarget(4000);
const SEED = fuzzSeed();

const [MANAGER, OTHER] = ['a', 'b'];
const TASKS = 16;

/** Two managers, one of which says what nobody should, and tasks of both. A task that is settled is submitted anew. */
class Attacked {
  private readonly state = new InterchangeState({
    ...{
      runId: 'run',
      heartbeatPeriodMs: 30_000,
      heartbeatThresholdMs: 120_000,
      reconnectMs: 1000,
      returnMs: 1000,
    },
    ...{ selector: createSelector('spread', seededRandom(SEED)), mostManagers: 10, firstQuestion: 0 },
    ...{ badNodes: undefined, longestTaskMs: Infinity },
  });
  private readonly reader = new PoolReader(this.state, () => undefined);
  private now = 0;

  constructor() {
    for (let submission = 0; submission < TASKS; submission++) this.submit(submission);
    this.join(OTHER);
  }

  /** The manager says this. */
  take(frames: readonly Buffer[]): void {
    this.join(MANAGER);
    this.step();
    const mine = new Set(this.state.managers.get(MANAGER)?.held);
    const others = this.heldBy(OTHER);
    const refusal = this.refusalOf(frames);
    for (const submission of this.step()) {
      if (!mine.delete(submission)) {
        throw new Error(`${submission} was settled by a manager that does not hold it`);
      }
      this.submit(submission);
    }
    for (const each of others) {
      if (!this.heldBy(OTHER).has(each)) throw new Error(`${each} was taken from another`);
    }
    this.check();
    if (refusal !== undefined) throw refusal;
  }

  private refusalOf(frames: readonly Buffer[]): ProtocolError | undefined {
    try {
      this.reader.read(MANAGER, frames, this.now);
      return undefined;
    } catch (error) {
      if (error instanceof ProtocolError) return error;
      throw error;
    }
  }

  private submit(submission: number): void {
    this.state.addTask(taskRecord(submission));
  }

  /** Carries out what is to be done; returns the submissions that were settled. */
  private step(): number[] {
    // Results may be kept back for a moment.
    this.now += 2;
    const settled: number[] = [];
    // As the interchange does every few ms.
    const { instructions } = this.state.acknowledge(this.now);
    for (const instruction of [...instructions, ...this.state.decide(this.now)]) {
      // As the submit process does.
      if (instruction.do === 'ask-again') instruction.submissions.forEach((each) => this.submit(each));
      if (instruction.do !== 'report-results') continue;
      const last = instruction.records.filter(
        (record) => resultField.status(record) !== ResultStatus.started,
      );
      settled.push(...last.map((record) => resultField.submission(record)));
    }
    return settled;
  }

  private join(id: string): void {
    if (this.state.managers.get(id)?.isOpen === true) return;
    // A manager that drains gets nothing more: another takes its place.
    this.state.goodbye(id);
    for (const submission of this.step()) this.submit(submission);
    this.state.register(id, registration({ workers: 4, capacity: 8 }), this.now);
  }

  private heldBy(id: string): ReadonlySet<number> {
    return this.state.managers.get(id)?.held ?? new Set();
  }

  private check(): void {
    this.step();
    const held = [MANAGER, OTHER].flatMap((id) => [...this.heldBy(id)]);
    if (new Set(held).size !== held.length) throw new Error(`held twice: ${held.join()}`);
    if (held.length + this.state.waiting !== TASKS) {
      throw new Error(`${held.length} tasks are held, ${this.state.waiting} wait, and there are ${TASKS}`);
    }
  }
}

/** What a manager says that it has, when it registers anew. */
function holdings(submissions: readonly number[]): Holdings {
  return {
    asked: 1,
    runId: 'run',
    delivered: 3,
    tasks: submissions.map((each) => ({ submission: each, taskId: each })),
  };
}

/** What a manager says, of its own tasks, of those of the other and of none. */
function messages(): Buffer[][] {
  const all = Array.from({ length: TASKS + 2 }, (_, submission) => submission);
  const results = (submissions: readonly number[], status: ResultStatus = ResultStatus.succeeded) =>
    joinRecords(
      preamble(MessageType.results),
      submissions.map((submission) => resultRecord(submission, status)),
    );
  return [
    ...all.map((submission) => results([submission])),
    results(all),
    results(all, ResultStatus.failed),
    results([1, 9], ResultStatus.started),
    joinRecords(
      preamble(MessageType.returned),
      all.map((submission) => taskRecord(submission)),
    ),
    joinRecords(preamble(MessageType.returned), [taskRecord(3), taskRecord(3), taskRecord(12)]),
    registerMessage(registration()),
    registerMessage(registration(), holdings([])),
    registerMessage(registration(), holdings([1, 3, 9, 17])),
    [controlMessage(MessageType.reconnected)],
    [controlMessage(MessageType.capacity, { tasks: 7 })],
    [controlMessage(MessageType.heartbeat)],
    [controlMessage(MessageType.drain)],
    [controlMessage(MessageType.goodbye)],
    [controlMessage(MessageType.disconnected)],
  ];
}

test(
  'whatever a manager says, it settles tasks that it holds, and no others',
  async () => {
    const attacked = new Attacked();
    const read = (frame: Buffer): void => attacked.take(unbundle(frame));
    const frames = messages().map(bundle);
    for (const frame of frames) read(frame);
    const figures = await attack(
      {
        name: 'messages of a manager',
        frames,
        read,
        isRefusal: (error) => error instanceof ProtocolError,
      },
      { frames: FRAMES, seed: SEED },
    );
    expect(figures.accepted).toBeGreaterThan(0);
    noteFigures(figures);
  },
  attackTimeoutMs(FRAMES),
);
