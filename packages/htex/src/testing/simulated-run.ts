import {
  Codec,
  encodeValue,
  resultField,
  ResultStatus,
  taskField,
  writeResult,
  writeTask,
  type Holdings,
  type PackedRecord,
  type Registration,
} from '@parsl-ts/wire';

import type { Instruction } from '../interchange/instruction.js';
import { InterchangeState, type InterchangeRules } from '../interchange/interchange-state.js';
import { createSelector, type SelectorName } from '../interchange/selector.js';
import { seededRandom } from '../interchange/seeded-random.js';

const EMPTY = { codec: Codec.msgpack, bytes: Buffer.from([0x90]) };

/** Whole numbers from `from` to before `to`. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

/** A task record for a test. */
export function taskRecord(
  submission: number,
  priority = Infinity,
  functionIndex = 0,
  timeoutMs = 0,
  taskId = submission,
): PackedRecord {
  return writeTask({
    ...{ submission, taskId, attempt: 0, functionIndex, timeoutMs, priority },
    options: undefined,
    args: EMPTY,
  });
}

/** A result record for a test. */
export function resultRecord(
  submission: number,
  status: ResultStatus = ResultStatus.succeeded,
): PackedRecord {
  return writeResult(submission, status, 1, encodeValue(submission, 'the result'));
}

/** A manager's introduction for a test. */
export function registration(changes: Partial<Registration> = {}): Registration {
  return {
    ...{ blockId: '0', host: 'node', pid: 1, workers: 2, capacity: 4, cores: 2, memoryGb: 1 },
    ...{ node: 'v20', version: '0.0.0' },
    ...changes,
  };
}

/** The state of an interchange, and what its instructions have led to so far. */
export class SimulatedRun {
  readonly state: InterchangeState;
  /** What each manager was given and has not answered for, in order. */
  readonly given = new Map<string, number[]>();
  /** Instructions of the last step. */
  last: Instruction[] = [];
  /** Submissions whose last word was reported, with its status. */
  readonly reported = new Map<number, number | undefined>();
  /** Number of the question that each was asked last. */
  private readonly asked = new Map<string, number>();
  now = 0;

  constructor(
    selector: SelectorName = 'spread',
    seed = 1,
    rules: Partial<Pick<InterchangeRules, 'mostManagers' | 'badNodes' | 'longestTaskMs'>> = {},
  ) {
    this.state = new InterchangeState({
      ...{ runId: 'run', heartbeatPeriodMs: 30_000, heartbeatThresholdMs: 120_000 },
      ...{ reconnectMs: 1000, returnMs: 30_000 },
      ...{ mostManagers: Infinity, badNodes: undefined, longestTaskMs: Infinity, firstQuestion: 0 },
      ...rules,
      selector: createSelector(selector, seededRandom(seed)),
    });
  }

  submit(...submissions: number[]): void {
    for (const submission of submissions) this.state.addTask(taskRecord(submission));
  }

  cancel(submissions: readonly number[], reason: string): void {
    this.state.cancel([{ submissions, reason }]);
  }

  join(id: string, changes: Partial<Registration> = {}): void {
    this.state.register(id, registration({ pid: Number.parseInt(id, 36) || 1, ...changes }), this.now);
  }

  /** The manager is heard of, and asked if it was away; it registers anew, and holds these. */
  comeBack(id: string, submissions: readonly number[], said: Partial<Holdings> = {}): void {
    this.state.heard(id, this.now);
    this.step();
    const known = this.state.managers.get(id)?.registration;
    const tasks = submissions.map((submission) => ({ submission, taskId: submission }));
    this.state.register(id, known ?? registration(), this.now, {
      ...{ asked: this.asked.get(id) ?? 0, runId: 'run', delivered: 0, tasks },
      ...said,
    });
    const given = this.given.get(id)?.filter((submission) => submissions.includes(submission));
    if (given !== undefined) this.given.set(id, given);
  }

  /** The manager says that these have ended. */
  finish(id: string, ...submissions: number[]): void {
    for (const submission of submissions) {
      this.forget(id, submission);
      this.state.addResult(id, resultRecord(submission));
    }
  }

  /** The manager gives these back. */
  giveBack(id: string, ...submissions: number[]): void {
    for (const submission of submissions) this.forget(id, submission);
    this.state.takeBack(
      id,
      submissions.map((submission) => taskRecord(submission)),
      this.now,
    );
  }

  /** What follows from all that has happened since the last time. */
  step(): Instruction[] {
    this.last = this.state.decide(this.now);
    for (const instruction of this.last) this.note(instruction);
    return this.last;
  }

  /** Instructions of the last step of one kind. */
  only<D extends Instruction['do']>(kind: D): Extract<Instruction, { do: D }>[] {
    return this.last.filter((each): each is Extract<Instruction, { do: D }> => each.do === kind);
  }

  private note(instruction: Instruction): void {
    if (instruction.do === 'send-tasks') {
      const given = this.given.get(instruction.to) ?? [];
      given.push(...instruction.records.map((record) => taskField.submission(record)));
      this.given.set(instruction.to, given);
    } else if (instruction.do === 'report-results') {
      for (const record of instruction.records) {
        const submission = resultField.submission(record);
        if (resultField.status(record) === ResultStatus.started) continue;
        if (this.reported.has(submission)) throw new Error(`two results for ${submission}`);
        this.reported.set(submission, resultField.status(record));
      }
    } else if (instruction.do === 'send-unknown') {
      this.asked.set(instruction.to, instruction.asked);
    } else if (instruction.do === 'report-left') {
      this.given.delete(instruction.id);
    }
  }

  private forget(id: string, submission: number): void {
    const given = this.given.get(id) ?? [];
    this.given.set(
      id,
      given.filter((each) => each !== submission),
    );
  }
}
