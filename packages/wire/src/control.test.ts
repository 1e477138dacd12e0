import { createHash } from 'node:crypto';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  cancelMessages,
  codeMessage,
  isCancellation,
  isDelivered,
  isCodeAnnouncement,
  isRegistered,
  isRegistration,
  isStartedAt,
  isTaskCount,
  readCode,
  readRefusal,
  refusedMessage,
  type Registration,
} from './control.js';
import { controlMessage, readControl, readPreamble } from './message.js';
import { LIMITS, MessageType } from './protocol.js';
import { ProtocolError } from './wire-error.js';

const REGISTRATION: Registration = {
  blockId: '0',
  host: 'n1',
  pid: 10,
  workers: 2,
  capacity: 6,
  cores: 2,
  memoryGb: 7.5,
  node: 'v20.0.0',
  version: '1.0.0',
};
const ID = createHash('sha256').update('source').digest('hex');
const ANNOUNCEMENT = { index: 0, id: ID, name: 'f', contextIndex: -1 };

test('registrations come back', () => {
  const label = fc
    .string({ unit: 'grapheme', maxLength: 10 })
    .filter((text) => Buffer.byteLength(text) <= 64 && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text));
  const count = fc.integer({ min: 1, max: 1e6 });
  const registrations = fc.record<Registration>({
    blockId: label,
    host: label,
    pid: count,
    workers: count,
    capacity: count,
    cores: count,
    memoryGb: fc.double({ min: 0, max: 1e6, noNaN: true }),
    node: label,
    version: label,
  });
  fc.assert(
    fc.property(registrations, (registration) => {
      const message = controlMessage(MessageType.register, registration);
      // MessagePack has no -0, and no amount of memory needs one.
      expect(readControl(message, isRegistration)).toEqual({
        ...registration,
        memoryGb: registration.memoryGb + 0,
      });
    }),
  );
});

describe('checks of forms', () => {
  test.each(Object.keys(REGISTRATION))('a registration without %s, or with a wrong one, is none', (key) => {
    expect(isRegistration(REGISTRATION)).toBe(true);
    for (const value of [undefined, null, {}, [], -1, NaN, Infinity, 'x'.repeat(5000), true]) {
      expect(isRegistration({ ...REGISTRATION, [key]: value })).toBe(false);
    }
  });

  test.each(['\n', '\u001b[31m', '\u007f', '\u009b', '\u2028', 'x'.repeat(256), '€'.repeat(86)])(
    'nobody is called %j: names stand in logs, errors and terminals',
    (name) => {
      expect(isRegistration({ ...REGISTRATION, host: name })).toBe(false);
      expect(isRegistration({ ...REGISTRATION, blockId: name })).toBe(false);
      expect(isStartedAt({ host: name, worker: '1' })).toBe(false);
      expect(isStartedAt({ host: 'n1', worker: name })).toBe(false);
      expect(isStartedAt({ host: 'größe €', worker: '1' })).toBe(true);
    },
  );

  test('counts are whole and not negative', () => {
    expect(isTaskCount({ tasks: 0 })).toBe(true);
    for (const tasks of [-1, 0.5, NaN, Infinity, 2 ** 53, '1', 1n, undefined]) {
      expect(isTaskCount({ tasks })).toBe(false);
      expect(isDelivered({ results: tasks, last: 1 })).toBe(false);
      expect(isDelivered({ results: 1, last: tasks })).toBe(false);
    }
    expect(isDelivered({ results: 1, last: 0 })).toBe(true);
    expect(isRegistration({ ...REGISTRATION, workers: 0 })).toBe(false);
    expect(isRegistration({ ...REGISTRATION, capacity: 1.5 })).toBe(false);
  });

  test.each([null, undefined, 5, 'text', [], new Map()])('%j is none of them', (value) => {
    for (const check of [
      isRegistration,
      isRegistered,
      isCodeAnnouncement,
      isCancellation,
      isDelivered,
      isTaskCount,
    ]) {
      expect(check(value)).toBe(false);
    }
  });

  test('a code announcement has a SHA-256 in lower case', () => {
    expect(isCodeAnnouncement(ANNOUNCEMENT)).toBe(true);
    for (const id of [ID.toUpperCase(), ID.slice(1), `${ID}0`, '../../etc/passwd', `${ID}\n`]) {
      expect(isCodeAnnouncement({ ...ANNOUNCEMENT, id })).toBe(false);
    }
    for (const contextIndex of [-2, 0.5, 2 ** 16, 2 ** 50]) {
      expect(isCodeAnnouncement({ ...ANNOUNCEMENT, contextIndex })).toBe(false);
    }
  });
});

describe('cancellations', () => {
  test('come back, in as many messages as it takes', () => {
    const submissions = Array.from({ length: LIMITS.recordsPerMessage + 5 }, (_, index) => 2 ** 40 + index);
    const messages = cancelMessages(submissions, 'x'.repeat(2 ** 21));
    expect(messages).toHaveLength(2);
    const read = messages.map((message) => readControl(message, isCancellation));
    expect(read.flatMap((one) => one.submissions)).toEqual(submissions);
    expect(read[0]?.reason).toHaveLength(4096);
    expect(readPreamble(messages[0]!).type).toBe(MessageType.cancel);
    expect(cancelMessages([], 'nobody')).toEqual([]);
  });

  test('of what is no number are refused', () => {
    expect(isCancellation({ submissions: [1, '2'], reason: '' })).toBe(false);
    expect(isCancellation({ submissions: Array(LIMITS.recordsPerMessage + 1).fill(1), reason: '' })).toBe(
      false,
    );
    expect(isCancellation({ submissions: [1] })).toBe(false);
  });
});

describe('code', () => {
  test('comes back', () => {
    const source = Buffer.from('export default () => 1');
    expect(readCode(codeMessage(ANNOUNCEMENT, source))).toEqual({ announcement: ANNOUNCEMENT, source });
  });

  test('of a function with a long name comes under the beginning of it', () => {
    const [name, source] = ['n'.repeat(10_000), Buffer.from('x')];
    const { announcement } = readCode(codeMessage({ ...ANNOUNCEMENT, name }, source));
    expect(announcement).toEqual({ ...ANNOUNCEMENT, name: name.slice(0, 4096) });
  });

  test('without its source, with too much, or too large is refused', () => {
    const [head, source] = codeMessage(ANNOUNCEMENT, Buffer.from('x'));
    for (const frames of [[], [head!], [head!, source!, source!], [source!, head!]]) {
      expect(() => readCode(frames)).toThrow(ProtocolError);
    }
    expect(() => readCode([head!, Buffer.alloc(LIMITS.codeBytes + 1)])).toThrow('too large');
  });
});

test('a refusal comes back, clipped, and one without a text is one too', () => {
  expect(readRefusal(refusedMessage('wrong version'))).toBe('wrong version');
  expect(readRefusal(refusedMessage('x'.repeat(10_000)))).toHaveLength(4096);
  expect(readRefusal([])).toBe('no reason given');
});
