import { serialize } from 'node:v8';
import type { EndedBlock, ExecutorTask } from '@parsl-ts/core';
import { attack, attackTimeoutMs, framesPerTarget, fuzzSeed, noteFigures } from '@parsl-ts-internal/fuzz';
import {
  Codec,
  encodeError,
  encodeValue,
  joinRecords,
  ManagerLost,
  NO_FUNCTION,
  packControl,
  ProtocolError,
  ResultStatus,
  writeResult,
  type EncodedValue,
} from '@parsl-ts/wire';
import { expect, test } from 'vitest';

import { testFunction, TestTask } from '../testing/test-tasks.js';
import { LostTasks } from './lost-tasks.js';
import { readResults, type ResultReceiver } from './result-reader.js';

const FRAMES = framesPerTarget(4000);
const SEED = fuzzSeed();

const TASKS = 4;
const app = testFunction('() => 1');
/** How the block of every pool has ended. */
const ENDED: EndedBlock = {
  ...{ blockId: '0', jobId: '1', outcome: 'failed', registered: true, error: undefined },
  status: { state: 'failed', exitCode: 3 },
};

/** A submit process with a few tasks, each of which is submitted anew when it has been settled. */
class Attacked implements ResultReceiver {
  private readonly tasks = new Map<number, TestTask>();
  private readonly lostTasks = new LostTasks({
    blockEnd: () => Promise.resolve(ENDED),
    settle: (submission, error) => this.take(submission)?.failed(error),
  });

  peek(submission: number): ExecutorTask | undefined {
    return this.taskOf(submission);
  }

  take(submission: number): ExecutorTask | undefined {
    const task = this.taskOf(submission);
    this.tasks.delete(submission);
    return task;
  }

  cancelReason(submission: number): { readonly reason: unknown } | undefined {
    return submission === 3 ? { reason: 'enough' } : undefined;
  }

  lost(submission: number, error: ManagerLost): void {
    // It would be told to nobody otherwise.
    if (this.taskOf(submission) !== undefined) this.lostTasks.add(submission, error);
  }

  mapStack(): (stack: string) => string {
    return (stack) => stack;
  }

  private taskOf(submission: number): ExecutorTask | undefined {
    if (!Number.isInteger(submission) || submission < 0 || submission >= TASKS) return undefined;
    const known = this.tasks.get(submission);
    if (known !== undefined) return known;
    const task = new TestTask(app);
    this.tasks.set(submission, task);
    task.outcome.catch((error: unknown) => {
      if (error instanceof Error && typeof error.message !== 'string') throw error;
    });
    return task;
  }
}

const unspeakable = { toString: 1, valueOf: 2 };
const data = { name: 'ManagerLost', message: 'm', stack: 's', cause: undefined, errors: undefined };
const forged = [unspeakable, {}, [], 5, undefined, 'text'].map((value): EncodedValue => {
  const fields = { code: 'PARSL_MANAGER_LOST', manager: value, host: value, blockId: value, reason: value };
  return { codec: Codec.v8, bytes: serialize({ ...data, fields }) };
});
const lost = encodeError(new ManagerLost({ id: 'm', host: 'n1', blockId: '0' }, 'it has ended'));
const errors = [encodeError(new RangeError('r', { cause: unspeakable })), lost, ...forged];
const values = [1, 'text', { then: 1, toString: 2 }, new Map([[1, 2]])].map((value) =>
  encodeValue(value, 'v'),
);
const place = { codec: Codec.msgpack, bytes: packControl({ worker: 'm/0', host: 'n1' }) };

/** The body of a frame in which each of these is the result of a task. */
function frame(status: ResultStatus, payloads: readonly EncodedValue[], functionIndex: number): Buffer {
  const records = payloads.map((payload, index) =>
    writeResult(index % TASKS, status, 1, payload, false, functionIndex),
  );
  return joinRecords(Buffer.alloc(0), records)[0]!;
}

test(
  'results that settle tasks',
  async () => {
    const frames = [
      ...errors.map((error) => frame(ResultStatus.failed, [error], NO_FUNCTION)),
      frame(ResultStatus.failed, errors, 7),
      frame(ResultStatus.failed, errors, NO_FUNCTION),
      frame(ResultStatus.succeeded, values, 7),
      frame(ResultStatus.started, [place], 7),
    ];
    const attacked = new Attacked();
    const read = (body: Buffer): void => readResults(body, attacked);
    for (const each of frames) read(each);
    const isRefusal = (error: unknown): boolean => error instanceof ProtocolError;
    const figures = await attack(
      { name: 'results that settle tasks', frames, read, isRefusal },
      { frames: FRAMES, seed: SEED },
    );
    expect(figures.frames).toBe(FRAMES);
    expect(figures.accepted).toBeGreaterThan(0);
    expect(figures.refused).toBeGreaterThan(0);
    noteFigures(figures);
  },
  attackTimeoutMs(FRAMES),
);
