import { isRegistration, LIMITS, packControl, unpackControl } from '@parsl-ts/wire';
import { expect, test } from 'vitest';

import type { PoolNews } from '../link/link-protocol.js';
import { registration } from '../testing/simulated-run.js';
import { Manager } from './manager.js';
import { PoolNewsCollector } from './pool-news.js';

const managers = (count: number) =>
  Array.from({ length: count }, (_, index) => new Manager(`m${index}`, registration(), 0));

test('tells what has changed, and nothing twice', () => {
  const news = new PoolNewsCollector();
  const [first, second] = managers(2) as [Manager, Manager];
  expect(news.collect([first, second])[0]?.activity).toHaveLength(2);
  expect(news.collect([first, second])).toEqual([]);
  second.held.add(7);
  expect(news.collect([first, second])).toEqual([
    { joined: [], activity: [{ id: 'm1', tasks: 1, draining: false, onHold: false }], left: [] },
  ]);
  news.addLeft('m0', 'it has ended', false);
  expect(news.isUrgent).toBe(true);
  expect(news.collect([second])).toEqual([
    { joined: [], activity: [], left: [{ id: 'm0', reason: 'it has ended', lost: false }] },
  ]);
  expect(news.isUrgent).toBe(false);
});

test('what happens to 20,000 pools at once fits into its messages, in order', () => {
  const news = new PoolNewsCollector();
  const all = managers(20_000);
  for (const { id, registration: given } of all) news.addJoined(id, given);
  for (const { id } of all.slice(0, 10_000)) news.addLeft(id, 'x'.repeat(100), true);
  const messages = news.collect(all).map((each) => unpackControl(packControl(each)) as PoolNews);
  const ids = all.map(({ id }) => id);
  expect(messages.flatMap(({ joined }) => joined.map(({ id }) => id))).toEqual(ids);
  expect(messages.flatMap(({ activity }) => activity.map(({ id }) => id))).toEqual(ids);
  expect(messages.flatMap(({ left }) => left.map(({ id }) => id))).toEqual(ids.slice(0, 10_000));
  const kinds = messages.map(({ joined, activity }) => (joined.length > 0 ? 0 : activity.length > 0 ? 1 : 2));
  expect(kinds).toEqual(kinds.toSorted());
});

test('so does what the most talkative pools say of themselves', () => {
  const news = new PoolNewsCollector();
  const name = '€'.repeat(85);
  const given = registration({ host: name, blockId: name, node: 'n'.repeat(64), version: 'v'.repeat(64) });
  expect(isRegistration(given)).toBe(true);
  for (let each = 0; each < 600; each++) news.addJoined('p'.repeat(255), given);
  for (const message of news.collect([]))
    expect(packControl(message).length).toBeLessThan(LIMITS.controlBytes);
});
