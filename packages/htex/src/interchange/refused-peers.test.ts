import { describe, expect, test } from 'vitest';

import { REFUSALS } from './refusal.js';
import { RefusedPeers } from './refused-peers.js';

describe('each address is told of once', () => {
  test('where the authenticator knows it', () => {
    const peers = new RefusedPeers();
    expect(peers.refused('unknownKey', '10.0.0.1')).toEqual([
      { address: '10.0.0.1', reason: REFUSALS.unknownKey },
    ]);
    for (let again = 0; again < 1000; again++) expect(peers.refused('unknownKey', '10.0.0.1')).toEqual([]);
    expect(peers.seeks).toBe(false);
  });

  test('where it has to be found', () => {
    const peers = new RefusedPeers();
    peers.refused('otherMechanism');
    peers.refused('notZeroMq');
    expect(peers.seeks).toBe(true);
    expect(peers.found([])).toEqual([]);
    expect(peers.seeks).toBe(true);
    const reason = `${REFUSALS.otherMechanism}; or ${REFUSALS.notZeroMq}`;
    expect(peers.found(['10.0.0.1', '10.0.0.2'])).toEqual([
      { address: '10.0.0.1', reason },
      { address: '10.0.0.2', reason },
    ]);
    expect(peers.seeks).toBe(false);
    peers.refused('notZeroMq');
    expect(peers.found(['10.0.0.2'])).toEqual([]);
    expect(peers.seeks).toBe(false);
  });

  test('those who are never seen are told of once together', () => {
    const peers = new RefusedPeers();
    expect(peers.giveUp()).toEqual([]);
    peers.refused('notZeroMq');
    expect(peers.giveUp()).toEqual([{ address: undefined, reason: REFUSALS.notZeroMq }]);
    peers.refused('notZeroMq');
    expect(peers.giveUp()).toEqual([]);
    peers.refused('notZeroMq');
    expect(peers.found(['10.0.0.1'])).toHaveLength(1);
  });

  test('who leaves by himself is not told of: pools that try several addresses do', () => {
    const peers = new RefusedPeers();
    peers.refused('left');
    expect(peers.seeks).toBe(false);
    expect(peers.account()).toBeUndefined();
    for (let again = 0; again < 100; again++) peers.refused('left');
    expect(peers.account()).toMatchObject({ attempts: 100, reasons: { left: 100 } });
  });
});

test('the account counts what was not told one by one', () => {
  const peers = new RefusedPeers();
  peers.refused('unknownKey', '10.0.0.1');
  expect(peers.account()).toBeUndefined();
  for (let again = 0; again < 59_999; again++) peers.refused('unknownKey', '10.0.0.1');
  peers.refused('silent');
  peers.found(['10.0.0.2']);
  expect(peers.account()).toEqual({
    attempts: 60_000,
    reasons: { unknownKey: 59_999, silent: 1 },
    addresses: ['10.0.0.1', '10.0.0.2'],
    others: 0,
  });
  expect(peers.account()).toBeUndefined();
});

test('a million addresses are neither told of nor remembered', () => {
  const peers = new RefusedPeers();
  let lines = 0;
  for (let each = 0; each < 1_000_000; each++) lines += peers.refused('unknownKey', `peer ${each}`).length;
  expect(lines).toBe(1000);
  const account = peers.account();
  expect(account).toMatchObject({ attempts: 1_000_000, others: 990 });
  expect(account?.addresses).toHaveLength(10);
});
