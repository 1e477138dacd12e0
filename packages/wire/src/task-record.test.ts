import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { LIMITS } from './protocol.js';
import { attachPayload, forEachRecord, joinRecords, type PackedRecord } from './record.js';
import { TASK_HEAD_BYTES, taskField, writeTask, type TaskToSend } from './task-record.js';
import { fuzzRuns, fuzzTimeoutMs } from './testing/fuzz-runs.js';
import { Codec, encodeValue } from './value-codec.js';
import { ProtocolError } from './wire-error.js';

const RUNS = fuzzRuns(150);

const TASK: TaskToSend = {
  submission: 1,
  taskId: 2,
  attempt: 3,
  functionIndex: 4,
  timeoutMs: 5,
  priority: 6,
  options: undefined,
  args: encodeValue([], 'args'),
};

/** Bytes as text: comparing large buffers one by one takes the test framework long. */
function readable(task: TaskToSend): unknown {
  return { ...task, args: [task.args.codec, task.args.bytes.toString('latin1')] };
}

function fields(record: PackedRecord): TaskToSend {
  return {
    submission: taskField.submission(record),
    taskId: taskField.taskId(record),
    attempt: taskField.attempt(record),
    functionIndex: taskField.functionIndex(record),
    timeoutMs: taskField.timeoutMs(record),
    priority: taskField.priority(record),
    options: taskField.hasOptions(record) ? taskField.options(record) : undefined,
    args: taskField.args(record),
  };
}

const uint = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max });

const tasks = fc.record<TaskToSend>({
  submission: fc.maxSafeNat(),
  taskId: fc.maxSafeNat(),
  attempt: uint(0xffff),
  functionIndex: uint(0xffffffff),
  timeoutMs: uint(0xffffffff),
  priority: fc.double({ noNaN: true }),
  options: fc.option(
    fc.record({ stdout: fc.string(), stderr: fc.string() }, { requiredKeys: [], noNullPrototype: true }),
    {
      nil: undefined,
    },
  ),
  args: fc.record({
    codec: fc.constantFrom(Codec.msgpack, Codec.v8),
    bytes: fc.constantFrom(0, 1, 60, 5000, LIMITS.detachBytes).map((size) => Buffer.alloc(size, 9)),
  }),
});

test(
  'tasks come through a message as they were',
  () => {
    fc.assert(
      fc.property(fc.array(tasks, { maxLength: 5 }), (sent) => {
        const [body, ...detached] = joinRecords(Buffer.from('abcd'), sent.map(writeTask));
        const received: TaskToSend[] = [];
        forEachRecord(body!, 4, TASK_HEAD_BYTES, detached, (record) => {
          received.push(fields(record));
          if (record.detached === undefined) {
            const start = record.start + taskField.payloadStart(record);
            expect(record.source.subarray(start, record.end).equals(taskField.args(record).bytes)).toBe(true);
          }
        });
        expect(received.map(readable)).toEqual(sent.map(readable));
      }),
      { numRuns: RUNS },
    );
  },
  fuzzTimeoutMs(RUNS),
);

test('the layout is the one of its table', () => {
  const [bytes] = attachPayload(
    writeTask({ ...TASK, options: { stdout: '/o' }, args: encodeValue([7], 'args') }),
  );
  const options = Buffer.from([0xde, 0, 1, 0xa6, ...Buffer.from('stdout'), 0xa2, 0x2f, 0x6f]);
  const head = Buffer.alloc(TASK_HEAD_BYTES);
  head.writeUInt32LE(TASK_HEAD_BYTES + options.length + 2, 0);
  head.writeDoubleLE(1, 4);
  head.set([Codec.msgpack, 0], 12);
  head.writeUInt16LE(3, 14);
  head.writeUInt32LE(4, 16);
  head.writeUInt32LE(5, 20);
  head.writeDoubleLE(2, 24);
  head.writeDoubleLE(6, 32);
  head.writeUInt32LE(options.length, 40);
  expect(bytes).toEqual(Buffer.concat([head, options, Buffer.from([0x91, 7])]));
});

describe('numbers that do not fit', () => {
  test.each([
    [0, 0],
    [-1, 0],
    [NaN, 0],
    [0.2, 1],
    [1500.5, 1501],
    [2 ** 40, 0xffffffff],
    [Infinity, 0xffffffff],
  ])('a timeout of %d ms becomes %d', (timeoutMs, expected) => {
    expect(taskField.timeoutMs(writeTask({ ...TASK, timeoutMs }))).toBe(expected);
  });

  test('a priority that is no number comes last, and the largest attempt stays', () => {
    const record = writeTask({ ...TASK, priority: NaN, attempt: 1_000_000 });
    expect(taskField.priority(record)).toBe(Infinity);
    expect(taskField.attempt(record)).toBe(0xffff);
    expect(taskField.priority(writeTask({ ...TASK, priority: -Infinity }))).toBe(-Infinity);
  });

  test('a submission of any number is read as it is', () => {
    for (const submission of [NaN, Infinity, -1, 0.5]) {
      expect(taskField.submission(writeTask({ ...TASK, submission }))).toBe(submission);
    }
  });
});

describe('options', () => {
  test('beyond their bound are refused where they are written', () => {
    const named = (length: number): TaskToSend => ({ ...TASK, options: { stdout: 'x'.repeat(length) } });
    expect(fields(writeTask(named(LIMITS.optionsBytes - 20)))).toMatchObject(named(LIMITS.optionsBytes - 20));
    expect(() => writeTask(named(LIMITS.optionsBytes))).toThrow(
      /files for its output take 32\d+ bytes of 32768 allowed/,
    );
  });

  function withOptions(options: Buffer, length = options.length): PackedRecord {
    const { source, start } = writeTask({ ...TASK, args: { codec: Codec.msgpack, bytes: options } });
    source.writeUInt32LE(length, start + 40);
    return { source, start, end: start + TASK_HEAD_BYTES + options.length, detached: undefined };
  }

  test.each([
    ['no object', withOptions(Buffer.from([5]))],
    ['no MessagePack', withOptions(Buffer.from([0xc1]))],
    ['longer than the record', withOptions(Buffer.from([0x80]), 2)],
    ['of 4 GiB', withOptions(Buffer.from([0x80]), 0xffffffff)],
  ])('%s are refused', (_, record) => {
    expect(() => taskField.options(record)).toThrow(ProtocolError);
    expect(taskField.hasOptions(record)).toBe(true);
  });

  test('fields that are unknown or of another type are left out', () => {
    const bytes = encodeValue({ stdout: 5, stderr: '/e', shell: 'rm' }, 'x').bytes;
    expect(taskField.options(withOptions(bytes))).toEqual({ stderr: '/e' });
  });
});
