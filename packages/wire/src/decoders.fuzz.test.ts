import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';

import {
  codeMessage,
  isCancellation,
  isCodeAnnouncement,
  isRegistered,
  isRegistration,
  isTaskCount,
  readCode,
  readRefusal,
} from './control.js';
import { decodeError, encodeError } from './error-codec.js';
import { controlMessage, preamble, readBody, readControl, readPreamble } from './message.js';
import { MessageType, PREAMBLE_BYTES } from './protocol.js';
import { forEachRecord, joinRecords } from './record.js';
import { RESULT_HEAD_BYTES, resultField, ResultStatus, writeResult } from './result-record.js';
import { StreamFrameReader, streamFrame } from './stream-frame.js';
import { TASK_HEAD_BYTES, taskField, writeTask } from './task-record.js';
import { arbitraryGraph, arbitraryValue } from './testing/arbitrary-values.js';
import { fuzzRuns, fuzzTimeoutMs } from './testing/fuzz-runs.js';
import { arbitraryMutation } from './testing/mutations.js';
import { Codec, decodeValue, encodeValue } from './value-codec.js';
import { DeserializationError, ProtocolError } from './wire-error.js';

const RUNS = fuzzRuns(400);

/** No decoder may take longer for a message of some hundred bytes, in ms. */
const MAX_MS = 1000;

const PROTOTYPES = [Object, Array, Error, Map, Uint8Array].map((builtIn): object => builtIn.prototype);

/** What of them could be changed. */
function prototypes(): string {
  return PROTOTYPES.map((prototype) => Reflect.ownKeys(prototype).map(String).join()).join('\n');
}

let before: string;
beforeEach(() => (before = prototypes()));
afterEach(() => expect(prototypes()).toBe(before));

/** Whatever the bytes are, reading them ends, in time, with a value or with an error that says so. */
function survives(read: () => unknown): void {
  const started = performance.now();
  try {
    read();
  } catch (error) {
    if (!(error instanceof ProtocolError || error instanceof DeserializationError)) throw error;
  }
  if (performance.now() - started > MAX_MS) throw new Error('it took too long');
}

function fuzz(name: string, valid: fc.Arbitrary<Buffer>, read: (bytes: Buffer) => unknown): void {
  test(
    name,
    () => {
      fc.assert(
        fc.property(valid, arbitraryMutation, (bytes, mutate) => survives(() => read(mutate(bytes)))),
        { numRuns: RUNS },
      );
    },
    fuzzTimeoutMs(RUNS),
  );
}

const values = fc.oneof(arbitraryValue, arbitraryGraph);
const payloads = values.map((value) => encodeValue(value, 'value'));
const of = (codec: Codec): fc.Arbitrary<Buffer> =>
  payloads.filter((payload) => payload.codec === codec).map((payload) => payload.bytes);

fuzz('values in MessagePack', of(Codec.msgpack), (bytes) => decodeValue(Codec.msgpack, bytes));
fuzz('values as V8 writes them', of(Codec.v8), (bytes) => decodeValue(Codec.v8, bytes));

const errors = values.map((value) =>
  Object.assign(new AggregateError([new TypeError('a'), value], 'b', { cause: new Error('c') }), {
    code: 'X',
    value,
  }),
);
test.each([Codec.msgpack, Codec.v8])(
  'errors, codec %d',
  (codec) => {
    fc.assert(
      fc.property(errors.map(encodeError), arbitraryMutation, (encoded, mutate) => {
        survives(() => decodeError(codec, mutate(encoded.bytes)));
      }),
      { numRuns: RUNS },
    );
  },
  fuzzTimeoutMs(RUNS),
);

const NUMBERS = ['submission', 'attempt', 'functionIndex', 'timeoutMs', 'taskId', 'priority'] as const;

function readTasks(body: Buffer, detached: readonly Buffer[] = []): void {
  forEachRecord(body, PREAMBLE_BYTES, TASK_HEAD_BYTES, detached, (record) => {
    survives(() => taskField.options(record));
    survives(() => taskField.hasOptions(record));
    survives(() => decodeValue(taskField.args(record).codec, taskField.args(record).bytes));
    for (const field of NUMBERS) taskField[field](record);
  });
}

const tasks = fc.array(payloads, { maxLength: 4 }).map((some) => {
  const records = some.map((args, index) =>
    writeTask({
      submission: index,
      taskId: index,
      attempt: 0,
      functionIndex: 1,
      timeoutMs: 0,
      priority: Infinity,
      options: index % 2 === 0 ? { stdout: '/tmp/out' } : undefined,
      args,
    }),
  );
  return joinRecords(preamble(MessageType.tasks), records)[0]!;
});
fuzz('task records', tasks, (bytes) => {
  readPreamble(bytes);
  readTasks(bytes);
});

const results = fc.array(payloads, { maxLength: 4 }).map((some) => {
  const records = some.map((payload, index) => writeResult(index, ResultStatus.succeeded, 5, payload));
  return joinRecords(preamble(MessageType.results), records)[0]!;
});
fuzz('result records', results, (bytes) => {
  readPreamble(bytes);
  forEachRecord(bytes, PREAMBLE_BYTES, RESULT_HEAD_BYTES, [], (record) => {
    resultField.submission(record);
    resultField.status(record);
    resultField.runtimeUs(record);
    survives(() => decodeValue(resultField.payload(record).codec, resultField.payload(record).bytes));
  });
});

const controls = fc.constantFrom(
  controlMessage(MessageType.register, {
    blockId: '0',
    host: 'n1',
    pid: 1,
    workers: 2,
    capacity: 2,
    cores: 2,
    memoryGb: 1.5,
    node: 'v20.0.0',
    version: '1.0.0',
  }),
  controlMessage(MessageType.cancel, { submissions: [1, 2, 2 ** 40], reason: 'because' }),
  controlMessage(MessageType.capacity, { tasks: 5 }),
  codeMessage({ index: 1, id: 'a'.repeat(64), name: 'f', contextIndex: -1 }, Buffer.alloc(0))[0]!,
);
fuzz('control messages', controls, (bytes) => {
  for (const check of [isRegistration, isRegistered, isCodeAnnouncement, isCancellation, isTaskCount]) {
    survives(() => readControl(bytes, check as (value: unknown) => value is object));
    survives(() => readBody(bytes, check as (value: unknown) => value is object));
  }
  survives(() => readCode([bytes, bytes]));
  readRefusal([bytes, bytes]);
  readPreamble(bytes);
});

const streams = fc
  .array(tasks, { minLength: 1, maxLength: 3 })
  .map((bodies) => Buffer.concat(bodies.flatMap((body, index) => streamFrame(index, [body]))));
fuzz('byte streams', streams, (bytes) => {
  const frames = new StreamFrameReader((_, body) => survives(() => readTasks(body)));
  for (let at = 0; at < bytes.length; at += 7) frames.push(bytes.subarray(at, at + 7));
});

fuzz('bytes that nobody wrote', fc.uint8Array({ maxLength: 200 }).map(Buffer.from), (bytes) => {
  for (const codec of [0, Codec.msgpack, Codec.v8]) {
    survives(() => decodeValue(codec, bytes));
    survives(() => decodeError(codec, bytes));
  }
});
