import {
  controlMessage,
  encodeValue,
  forEachRecord,
  isRegistration,
  isTaskCount,
  joinRecords,
  MessageType,
  preamble,
  PREAMBLE_BYTES,
  readControl,
  readPreamble,
  refusedMessage,
  RESULT_HEAD_BYTES,
  resultField,
  TASK_HEAD_BYTES,
  taskField,
  decodeValue,
  writeTask,
  type PackedRecord,
} from '@parsl-ts/wire';
import { expect, test } from 'vitest';

import { SimulatedManager } from './simulated-manager.js';

const tasks = (submissions: readonly number[], args: (submission: number) => unknown[] = (each) => [each]) =>
  joinRecords(
    preamble(MessageType.tasks),
    submissions.map((submission) =>
      writeTask({
        ...{ submission, taskId: submission, attempt: 0, functionIndex: 0, timeoutMs: 0, priority: Infinity },
        options: undefined,
        args: encodeValue(args(submission), 'args'),
      }),
    ),
  );
const typesOf = (messages: readonly Buffer[][]) => messages.map(([head]) => readPreamble(head!).type);
const manager = (workers: number, answerMs: number, apart = false) =>
  new SimulatedManager({ blockId: '0', workers, answerMs, apart });

function recordsOf([head, ...further]: Buffer[], headBytes: number): PackedRecord[] {
  const records: PackedRecord[] = [];
  forEachRecord(head!, PREAMBLE_BYTES, headBytes, further, (record) => records.push(record));
  return records;
}

function resultsOf(message: Buffer[]): Map<number, unknown> {
  return new Map(
    recordsOf(message, RESULT_HEAD_BYTES).map((record) => {
      const { codec, bytes } = resultField.payload(record);
      return [resultField.submission(record), decodeValue(codec, bytes)];
    }),
  );
}

test('registers as a pool does', () => {
  const one = manager(32, 0);
  expect(readControl(one.registration()[0]!, isRegistration)).toMatchObject({ workers: 32, capacity: 32 });
  expect(one.isRegistered).toBe(false);
  expect(one.take([controlMessage(MessageType.registered, { runId: 'r' })], 0)).toEqual([]);
  expect(one.isRegistered).toBe(true);
});

test('answers each task with its argument at once, and asks for more when it knows how short they are', () => {
  const one = manager(4, 0);
  const values = [7, -1, 1e9, 'text', { a: [1] }];
  const [results, capacity] = one.take(
    tasks([0, 1, 2, 3, 4], (index) => [values[index]]),
    0,
  );
  expect([...resultsOf(results!)]).toEqual([...values.entries()]);
  expect(readControl(capacity![0]!, isTaskCount)).toEqual({ tasks: 4 * 257 });
  expect(typesOf(one.take(tasks([5]), 1))).toEqual([MessageType.results]);
});

test('apart, each result has a message of its own', () => {
  const messages = manager(4, 0, true).take(tasks([0, 1, 2]), 0);
  const { results, capacity } = MessageType;
  expect(typesOf(messages)).toEqual([results, results, results, capacity]);
  expect(messages.slice(0, 3).flatMap((message) => [...resultsOf(message).keys()])).toEqual([0, 1, 2]);
});

test('an argument in a frame of its own comes back in one', () => {
  const text = 'x'.repeat(100_000);
  const [results] = manager(1, 0).take(
    tasks([0], () => [text]),
    0,
  );
  expect(results).toHaveLength(2);
  expect(resultsOf(results!).get(0)).toBe(text);
});

test('with time, each worker runs one task after another', () => {
  const one = manager(2, 100);
  expect(one.take(tasks([0, 1, 2, 3, 4]), 0)).toEqual([]);
  expect(one.wakeAt).toBe(100);
  expect(one.due(99)).toEqual([]);
  const [results, capacity] = one.due(100);
  expect([...resultsOf(results!).keys()]).toEqual([0, 1]);
  expect(readControl(capacity![0]!, isTaskCount)).toEqual({ tasks: 2 });
  expect(one.wakeAt).toBe(200);
  expect([...resultsOf(one.due(350)[0]!).keys()]).toEqual([2, 3, 4]);
  expect(one.wakeAt).toBeUndefined();
});

test('gives back what has not started, the last first', () => {
  const one = manager(2, 100);
  one.take(tasks([0, 1, 2, 3, 4]), 0);
  const recall = (count: number) => [controlMessage(MessageType.recall, { tasks: count })];
  const returned = (count: number) =>
    recordsOf(one.take(recall(count), 50)[0]!, TASK_HEAD_BYTES).map((record) => taskField.submission(record));
  expect(returned(2)).toEqual([3, 4]);
  expect(returned(9)).toEqual([2]);
  expect(returned(1)).toEqual([]);
  expect([...resultsOf(one.due(100)[0]!).keys()]).toEqual([0, 1]);
});

test('says goodbye when the run ends', () => {
  const one = manager(1, 0);
  expect(typesOf(one.take([controlMessage(MessageType.shutdown)], 0))).toEqual([MessageType.goodbye]);
  expect(one.isShutDown).toBe(true);
});

test('what a simulation cannot go on with is an error', () => {
  const one = manager(1, 0);
  expect(() => one.take(refusedMessage('too late'), 0)).toThrow('a manager was refused: too late');
  expect(() => one.take([controlMessage(MessageType.unknown)], 0)).toThrow('a message of type 19');
  expect(() =>
    one.take(
      tasks([0], () => [1, 2]),
      0,
    ),
  ).toThrow('return their one argument');
});
