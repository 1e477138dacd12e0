import {
  attack,
  attackTimeoutMs,
  bundle,
  framesPerTarget,
  fuzzSeed,
  noteFigures,
  unbundle,
} from '@parsl-ts-internal/fuzz';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  cancelMessages,
  codeMessage,
  isCancellation,
  isDelivered,
  isCodeAnnouncement,
  isQuestion,
  isRegistered,
  isRegistration,
  isTaskCount,
  readCode,
  readRefusal,
  refusedMessage,
} from './control.js';
import { decodeError, encodeError } from './error-codec.js';
import { readRegister, registerMessage } from './holdings.js';
import { controlMessage, preamble, readBody, readControl, readPreamble } from './message.js';
import { formatPoolKeys, formatPoolSecret, parsePoolKeys, parsePoolSecret } from './pool-keys.js';
import { LIMITS, MessageType, PREAMBLE_BYTES } from './protocol.js';
import {
  attachPayloads,
  DETACHED,
  FLAGS_OFFSET,
  forEachRecord,
  joinRecords,
  type PackedRecord,
} from './record.js';
import { RESULT_HEAD_BYTES, resultField, ResultStatus, writeResult } from './result-record.js';
import { StreamFrameReader, streamFrame } from './stream-frame.js';
import { TASK_HEAD_BYTES, taskField, writeTask } from './task-record.js';
import { arbitraryGraph, arbitraryValue } from './testing/arbitrary-values.js';
import {
  Codec,
  decodeValue,
  encodeValue,
  packControl,
  unpackControl,
  type EncodedValue,
} from './value-codec.js';
import { DeserializationError, ProtocolError } from './wire-error.js';
import { FromWorker, ToWorker } from './worker-protocol.js';

const FRAMES = framesPerTarget(4000);
const SEED = fuzzSeed();

/** So many frames as they should be are mutated, in turn. */
const SAMPLES = 400;

/** Whatever the bytes are, reading them ends, in time, with a value or with an error of this package that says so. */
function fuzz(name: string, frames: fc.Arbitrary<Buffer>, read: (frame: Buffer) => void): void {
  test(
    name,
    async () => {
      const samples = fc.sample(frames, { numRuns: SAMPLES, seed: SEED });
      for (const sample of samples) read(sample);
      const figures = await attack(
        { name, frames: samples, read, isRefusal },
        { frames: FRAMES, seed: SEED },
      );
      expect(figures.frames).toBe(FRAMES);
      // Mutations that all fail at the first byte would try nothing else.
      expect(figures.accepted).toBeGreaterThan(0);
      expect(figures.refused).toBeGreaterThan(0);
      noteFigures(figures);
    },
    attackTimeoutMs(FRAMES),
  );
}

function isRefusal(error: unknown): boolean {
  return error instanceof ProtocolError || error instanceof DeserializationError;
}

/** Reads what may be refused by itself, without the rest being so. */
function attempt(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

const values = fc.oneof(arbitraryValue, arbitraryGraph);
const payloads = values.map((value) => encodeValue(value, 'value'));
const of = (codec: Codec): fc.Arbitrary<Buffer> =>
  payloads.filter((payload) => payload.codec === codec).map(({ bytes }) => bytes);

fuzz('values in MessagePack', of(Codec.msgpack), (frame) => decodeValue(Codec.msgpack, frame));
fuzz('values as V8 writes them', of(Codec.v8), (frame) => decodeValue(Codec.v8, frame));

const cycle: unknown[] = [];
cycle.push(cycle);
const errorsOf = (codec: Codec): fc.Arbitrary<Buffer> =>
  values
    .map((value) => {
      const cause = new Error('c', { cause: value });
      const fields = { code: 'X', value, shared: codec === Codec.v8 ? cycle : undefined };
      return encodeError(
        Object.assign(new AggregateError([new TypeError('a'), value], 'b', { cause }), fields),
      );
    })
    .filter((encoded) => encoded.codec === codec)
    .map(({ bytes }) => bytes);
fuzz('errors in MessagePack', errorsOf(Codec.msgpack), (frame) => decodeError(Codec.msgpack, frame));
fuzz('errors as V8 writes them', errorsOf(Codec.v8), (frame) =>
  decodeError(Codec.v8, frame, (stack) => stack),
);

const TASK_NUMBERS = ['submission', 'attempt', 'functionIndex', 'timeoutMs', 'taskId', 'priority'] as const;

/** Reads of tasks what interchange, manager and worker read. */
function readTasks(body: Buffer, offset: number, further: readonly Buffer[]): void {
  forEachRecord(body, offset, TASK_HEAD_BYTES, further, (record) => {
    attempt(() => taskField.options(record));
    attempt(() => taskField.hasOptions(record));
    attempt(() => taskField.decodedArgs(record));
    attempt(() => taskField.args(record));
    attempt(() => taskField.payloadStart(record));
    for (const field of TASK_NUMBERS) taskField[field](record);
    attachPayloads([record]);
  });
}

function readResults(body: Buffer, offset: number, further: readonly Buffer[]): void {
  forEachRecord(body, offset, RESULT_HEAD_BYTES, further, (record) => {
    resultField.submission(record);
    resultField.status(record);
    resultField.runtimeUs(record);
    attempt(() => resultField.value(record));
    attempt(() => decodeError(resultField.payload(record).codec, resultField.payload(record).bytes));
    attachPayloads([record]);
  });
}

/** A payload of its own frame although it is small: what reads it looks at the flag only. */
function detached(record: PackedRecord, headBytes: number): PackedRecord {
  const head = Buffer.from(record.source.subarray(record.start, record.start + headBytes));
  head.writeUInt32LE(headBytes, 0);
  head[FLAGS_OFFSET] = DETACHED;
  const payload = record.source.subarray(record.start + headBytes, record.end);
  return { source: head, start: 0, end: headBytes, detached: payload };
}

function taskOf(args: EncodedValue, index: number): PackedRecord {
  return writeTask({
    submission: index,
    taskId: index,
    attempt: 0,
    functionIndex: 1,
    timeoutMs: 0,
    priority: Infinity,
    options: index % 2 === 0 ? { stdout: '/tmp/out' } : undefined,
    args,
  });
}

function resultOf(payload: EncodedValue, index: number): PackedRecord {
  return writeResult(index, ResultStatus.succeeded, 5, payload);
}

const some = fc.array(payloads, { maxLength: 4 });
const whole = (message: readonly Buffer[]): Buffer => message[0] ?? Buffer.alloc(0);
const tasks = some.map((each) => whole(joinRecords(preamble(MessageType.tasks), each.map(taskOf))));
const results = some.map((each) => whole(joinRecords(preamble(MessageType.results), each.map(resultOf))));
const detachedTasks = some.map((each) => {
  const records = each.map((args, index) => taskOf(args, 2 * index + 1));
  const all = records.map((record, index) => (index === 0 ? record : detached(record, TASK_HEAD_BYTES)));
  return bundle(joinRecords(preamble(MessageType.tasks), all));
});
const detachedResults = some.map((each) => {
  const all = each.map(resultOf).map((record) => detached(record, RESULT_HEAD_BYTES));
  return bundle(joinRecords(preamble(MessageType.results), all));
});

fuzz('task records', tasks, (frame) => {
  readPreamble(frame);
  readTasks(frame, PREAMBLE_BYTES, []);
});
fuzz('task records, payloads detached', detachedTasks, (frame) => {
  const [head = Buffer.alloc(0), ...further] = unbundle(frame);
  readPreamble(head);
  readTasks(head, PREAMBLE_BYTES, further);
});
fuzz('result records', results, (frame) => {
  readPreamble(frame);
  readResults(frame, PREAMBLE_BYTES, []);
});
fuzz('result records, payloads detached', detachedResults, (frame) => {
  const [head = Buffer.alloc(0), ...further] = unbundle(frame);
  readPreamble(head);
  readResults(head, PREAMBLE_BYTES, further);
});

const registration = {
  ...{ blockId: '0', host: 'n1', pid: 1, workers: 2, capacity: 2, cores: 2, memoryGb: 1.5 },
  ...{ node: 'v20.0.0', version: '1.0.0' },
};
const announcement = { index: 1, id: 'a'.repeat(64), name: 'f', contextIndex: -1 };
const CONTROLS = {
  isRegistration,
  isRegistered,
  isQuestion,
  isCodeAnnouncement,
  isCancellation,
  isDelivered,
  isTaskCount,
};

fuzz(
  'control messages',
  fc.constantFrom(
    controlMessage(MessageType.register, registration),
    controlMessage(MessageType.registered, { runId: 'run' }),
    controlMessage(MessageType.unknown, { asked: 2 ** 40 }),
    controlMessage(MessageType.delivered, { results: 5, last: 9 }),
    controlMessage(MessageType.capacity, { tasks: 5 }),
    ...cancelMessages([1, 2, 2 ** 40], 'because'),
    whole(codeMessage(announcement, Buffer.alloc(0))),
  ),
  (frame) => {
    readPreamble(frame);
    unpackControl(frame.subarray(PREAMBLE_BYTES));
    for (const check of Object.values(CONTROLS)) {
      attempt(() => readControl(frame, check as (value: unknown) => value is object));
      attempt(() => readBody(frame, check as (value: unknown) => value is object));
    }
  },
);

fuzz(
  'registrations, with what a manager holds',
  fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 5 }).map((held) => {
    const tasks = held.map(([submission, taskId]) => ({ submission, taskId }));
    return bundle(registerMessage(registration, { asked: 3, runId: 'run', delivered: held.length, tasks }));
  }),
  (frame) => readRegister(unbundle(frame)),
);

fuzz(
  'code messages and refusals',
  fc.oneof(
    fc.string({ maxLength: 60 }).map((source) => bundle(codeMessage(announcement, Buffer.from(source)))),
    fc.string({ maxLength: 60 }).map((reason) => bundle(refusedMessage(reason))),
  ),
  (frame) => {
    const frames = unbundle(frame);
    expect(readRefusal(frames).length).toBeLessThanOrEqual(4096);
    readPreamble(frames[0] ?? Buffer.alloc(0));
    if (frames[0]?.[3] !== MessageType.refused) readCode(frames);
  },
);

const keys = { serverKey: 'a'.repeat(40), publicKey: 'b'.repeat(40), secretKey: 'c{}'.padEnd(40, '%') };
/** Nothing of what it was made of may stand in the error: the text may hold a secret. */
function readKeys(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(String(error)).not.toMatch(/aaaa|bbbb|%%%%/);
    throw error;
  }
}
fuzz('key files', fc.constant(Buffer.from(formatPoolKeys(keys))), (frame) =>
  readKeys(() => parsePoolKeys(frame.toString())),
);
fuzz('secrets of blocks', fc.constant(Buffer.from(formatPoolSecret(keys))), (frame) =>
  readKeys(() => parsePoolSecret(frame.toString())),
);

const lease = Buffer.alloc(8);
const streams = some.map((each) => {
  const frames = [
    ...streamFrame(ToWorker.setup, [packControl({ worker: 'm/0', host: 'n1' })]),
    ...streamFrame(ToWorker.tasks, [lease, ...attachPayloads(each.map(taskOf))]),
    ...streamFrame(FromWorker.results, attachPayloads(each.map(resultOf))),
    ...streamFrame(FromWorker.leaving, []),
  ];
  return Buffer.concat(frames);
});
fuzz('byte streams between parent and child', streams, (frame) => {
  const reader = new StreamFrameReader((type, body) => {
    if (type === ToWorker.tasks) attempt(() => readTasks(body, lease.length, []));
    if (type === FromWorker.results) attempt(() => readResults(body, 0, []));
    attempt(() => unpackControl(body));
  });
  for (let at = 0; at < frame.length; at += 70) reader.push(frame.subarray(at, at + 70));
});

fuzz('values read as what they are not', of(Codec.msgpack), (frame) => {
  attempt(() => decodeValue(Codec.v8, frame));
  for (const codec of [0, Codec.msgpack, Codec.v8]) attempt(() => decodeError(codec, frame));
  for (const offset of [0, PREAMBLE_BYTES]) {
    attempt(() => readTasks(frame, offset, []));
    attempt(() => readResults(frame, offset, []));
  }
  unpackControl(frame);
});

test('what is too large is refused before it is decoded', () => {
  expect(() => unpackControl(Buffer.alloc(LIMITS.controlBytes + 1))).toThrow(ProtocolError);
  expect(() => readCode([controlMessage(MessageType.code), Buffer.alloc(LIMITS.codeBytes + 1)])).toThrow(
    /too large/,
  );
});
