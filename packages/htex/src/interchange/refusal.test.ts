import { expect, test } from 'vitest';
import type { Event } from 'zeromq';

import { refusalOf } from './refusal.js';

function failed(type: string, code: string): Event {
  return { type, address: 'tcp://here:1', error: Object.assign(new Error(), { code }) } as unknown as Event;
}

test.each([
  ['handshake:error:protocol', 'ERR_ZMTP_CRYPTOGRAPHIC', 'otherServerKey'],
  ['handshake:error:protocol', 'ERR_ZMTP_MECHANISM_MISMATCH', 'otherMechanism'],
  ['handshake:error:protocol', 'ERR_ZMTP_MALFORMED_COMMAND_HELLO', 'notZeroMq'],
  ['handshake:error:other', 'EAGAIN', 'silent'],
  ['handshake:error:other', 'ECONNRESET', 'left'],
  ['handshake:error:auth', '400', undefined],
  ['disconnect', '', undefined],
])('%s %s: %s', (type, code, refusal) => {
  expect(refusalOf(failed(type, code))).toBe(refusal);
});
