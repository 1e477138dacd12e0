import { mutate, RandomBits } from '@parsl-ts-internal/fuzz';
import {
  controlMessage,
  joinRecords,
  LIMITS,
  MessageType,
  preamble,
  PROTOCOL_VERSION,
  RESULT_HEAD_BYTES,
  ResultStatus,
  type PackedRecord,
  type Registration,
} from '@parsl-ts/wire';

import { registration, resultRecord, taskRecord } from './simulated-run.js';

type Message = readonly Buffer[];

const NUMBERS: readonly unknown[] = [null, undefined, '1', -1, 0.5, NaN, Infinity, 2 ** 60, {}, [1], true];
const TEXTS: readonly unknown[] = [null, undefined, 5, {}, ['a'], 'x'.repeat(5000), Buffer.from('a')];
const AMOUNTS: readonly unknown[] = [null, undefined, '1', -1, NaN, Infinity, {}, [1], true];

/** What each field of a registration must not be. */
const WRONG: Readonly<Record<keyof Registration, readonly unknown[]>> = {
  blockId: TEXTS,
  host: TEXTS,
  pid: NUMBERS,
  workers: [0, ...NUMBERS],
  capacity: [0, ...NUMBERS],
  cores: AMOUNTS,
  memoryGb: AMOUNTS,
  node: TEXTS,
  version: TEXTS,
  endsInMs: AMOUNTS.filter((value) => value !== undefined),
  logFile: TEXTS.filter((value) => value !== undefined),
};

/** Registrations with something wrong in every field, one at a time. */
export function wrongRegistrations(): Message[] {
  return Object.entries(WRONG).flatMap(([field, values]) =>
    values.map((value) => [
      controlMessage(MessageType.register, {
        ...registration(),
        [field]: value === undefined ? undefined : value,
      }),
    ]),
  );
}

/** Of every type that a message may have, and of others: with nothing, and with a body of the wrong form. */
export function wrongBodies(): Message[] {
  const types = Array.from({ length: 256 }, (_, type) => type).filter((type) => !ENDS.includes(type));
  return types.flatMap((type) => {
    const head = preamble(MessageType.heartbeat);
    head[3] = type;
    const bodies = [[], 7, 'text', { tasks: -1 }, { tasks: 'x' }, { tasks: 2 ** 60 }, { submissions: {} }];
    return [
      [head],
      ...bodies.map((body) => [
        Buffer.concat([head, controlMessage(MessageType.heartbeat, [body]).subarray(4)]),
      ]),
      [head, Buffer.from('one more frame'), Buffer.alloc(0)],
    ];
  });
}

/** With these, a manager leaves by itself. */
const ENDS: readonly number[] = [MessageType.goodbye, MessageType.disconnected, MessageType.drain];

/** Of other versions of the protocol. */
export function wrongVersions(): Message[] {
  return [0, PROTOCOL_VERSION + 1, 255].flatMap((version) =>
    Object.values(MessageType).map((type) => {
      const head = Buffer.concat([preamble(type), Buffer.from('whatever another version says')]);
      head[2] = version;
      return [head];
    }),
  );
}

/** Results and returned tasks of submissions from 0 to below `count`, as their manager would send them. */
export function claims(count: number): Message[] {
  const all = Array.from({ length: count }, (_, submission) => submission);
  const joined = (type: MessageType, records: readonly PackedRecord[]): Message =>
    joinRecords(preamble(type), records);
  return [
    joined(
      MessageType.results,
      all.map((submission) => resultRecord(submission)),
    ),
    joined(
      MessageType.results,
      all.map((submission) => resultRecord(submission, ResultStatus.failed)),
    ),
    joined(
      MessageType.results,
      all.map((submission) => resultRecord(submission, ResultStatus.started)),
    ),
    joined(
      MessageType.results,
      [NaN, -1, 0.5, Infinity, 2 ** 60].map((submission) => resultRecord(submission)),
    ),
    joined(
      MessageType.returned,
      all.map((submission) => taskRecord(submission)),
    ),
  ];
}

/** Larger than anything may be, or of more records. */
export function oversized(): Message[] {
  const record = Buffer.alloc(RESULT_HEAD_BYTES);
  record.writeUInt32LE(record.length, 0);
  const tooMany = Array<Buffer>(LIMITS.recordsPerMessage + 1).fill(record);
  const register = preamble(MessageType.register);
  return [
    [Buffer.concat([preamble(MessageType.results), ...tooMany])],
    [Buffer.concat([register, Buffer.alloc(LIMITS.controlBytes + 1)])],
    [
      preamble(MessageType.results),
      ...Array.from({ length: 16 }, () => Buffer.alloc(LIMITS.frameBytes - 1)),
      Buffer.alloc(LIMITS.frameBytes),
    ],
    [Buffer.alloc(LIMITS.frameBytes)],
    Array.from({ length: 2000 }, () => Buffer.from([0x50])),
  ];
}

/** Mutations of these messages. None is a registration in order, or the end of a manager. */
export function mutated(messages: readonly Message[], count: number, seed: number): Message[] {
  const random = new RandomBits(seed);
  const one = (): Message => messages[random.below(messages.length)] ?? [];
  return Array.from({ length: count }, () => {
    const [head = Buffer.alloc(0), ...further] = one();
    const bytes = mutate(head.subarray(0, 4096), random, one()[0] ?? head);
    if (bytes.length > 3 && [...ENDS, MessageType.register].includes(bytes[3] ?? 0))
      bytes[3] = MessageType.results;
    return [bytes, ...further.slice(0, random.below(further.length + 1))];
  });
}

/** Bytes for a port that expects ZeroMQ: nothing, noise, another protocol, and the beginning of a greeting. */
export function rawBytes(seed: number): Buffer[] {
  const random = new RandomBits(seed);
  const noise = (length: number): Buffer => Buffer.from(Uint8Array.from({ length }, () => random.below(256)));
  const greeting = Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0]);
  const mechanism = (name: string): Buffer =>
    Buffer.concat([greeting, Buffer.from(name.padEnd(20, '\0')), Buffer.alloc(32)]);
  return [
    Buffer.alloc(0),
    Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
    Buffer.from('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 'latin1'),
    noise(100),
    noise(100_000),
    greeting,
    mechanism('NULL'),
    mechanism('PLAIN'),
    mechanism('CURVE'),
    Buffer.concat([mechanism('CURVE'), noise(300)]),
    Buffer.concat([mechanism('NULL'), noise(300)]),
    // A frame of 2^62 bytes is announced.
    Buffer.concat([mechanism('NULL'), Buffer.from([0x02, 0x40, 0, 0, 0, 0, 0, 0, 0]), noise(50)]),
  ];
}
