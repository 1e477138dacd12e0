import { describe, expect, test } from 'vitest';

import { controlMessage, preamble, readBody, readControl, readPreamble } from './message.js';
import { LIMITS, MessageType, PREAMBLE_BYTES, PROTOCOL_VERSION } from './protocol.js';
import { packControl } from './value-codec.js';
import { ProtocolError } from './wire-error.js';

const isNumber = (value: unknown): value is number => typeof value === 'number';
const isText = (value: unknown): value is { text: string } =>
  typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string';

describe('the preamble', () => {
  test('is the one of its table, in any version', () => {
    expect([...preamble(MessageType.results)]).toEqual([0x50, 0x54, PROTOCOL_VERSION, MessageType.results]);
    expect(readPreamble(Buffer.from('PT\x63\x07rest', 'latin1'))).toEqual({ version: 0x63, type: 7 });
  });

  test('is read where it lies in a larger buffer', () => {
    const around = Buffer.concat([Buffer.from('xxx'), preamble(MessageType.tasks), Buffer.from('xxx')]);
    expect(readPreamble(around.subarray(3, 7)).type).toBe(MessageType.tasks);
    expect(() => readPreamble(around.subarray(3, 6))).toThrow(ProtocolError);
  });

  test.each([[''], ['P'], ['PT\x01'], ['GET / HTTP/1.1'], ['TP\x01\x01']])('of %j is refused', (bytes) => {
    expect(() => readPreamble(Buffer.from(bytes, 'latin1'))).toThrow(ProtocolError);
  });

  test('of every type differs', () => {
    const types = Object.values(MessageType);
    expect(new Set(types).size).toBe(types.length);
    expect(types.every((type) => type > 0 && type < 256)).toBe(true);
  });
});

describe('a control value', () => {
  test('comes back after the preamble, or alone in a stream frame', () => {
    const message = controlMessage(MessageType.registered, { text: 'a' });
    expect(readPreamble(message).type).toBe(MessageType.registered);
    expect(readControl(message, isText)).toEqual({ text: 'a' });
    expect(readBody(packControl({ text: 'a' }), isText)).toEqual({ text: 'a' });
    expect(controlMessage(MessageType.heartbeat)).toEqual(preamble(MessageType.heartbeat));
  });

  test('is refused when it fails the check, is missing, cut short, or too large', () => {
    const message = controlMessage(MessageType.registered, { text: 'a' });
    expect(() => readControl(message, isNumber)).toThrow('not of its form');
    expect(() => readControl(message.subarray(0, PREAMBLE_BYTES), isText)).toThrow(ProtocolError);
    expect(() => readControl(message.subarray(0, -1), isText)).toThrow(ProtocolError);
    expect(() => readControl(Buffer.alloc(LIMITS.controlBytes + 5), isText)).toThrow('too large');
    expect(() => readBody(Buffer.alloc(LIMITS.controlBytes + 1), isText)).toThrow('too large');
  });
});
