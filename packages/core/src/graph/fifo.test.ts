import { expect, it } from 'vitest';
import { Fifo } from './fifo.js';

it('gives elements back in order, however pushes and shifts are mixed', () => {
  const fifo = new Fifo<number>();
  const out: number[] = [];
  let pushed = 0;
  for (let round = 0; round < 200; round++) {
    for (let n = 0; n < 50; n++) fifo.push(pushed++);
    for (let n = 0; n < 40; n++) out.push(fifo.shift() ?? -1);
    expect(fifo.size).toBe(pushed - out.length);
  }
  for (let item = fifo.shift(); item !== undefined; item = fifo.shift()) out.push(item);
  expect(out).toEqual(Array.from({ length: pushed }, (_, n) => n));
  expect(fifo.shift()).toBeUndefined();
  expect(fifo.size).toBe(0);
});

it('shows its elements, oldest first, and keeps them', () => {
  const fifo = new Fifo<number | undefined>();
  for (const item of [1, 2, undefined, 4]) fifo.push(item);
  fifo.shift();
  expect([...fifo]).toEqual([2, undefined, 4]);
  expect(fifo.size).toBe(3);
});
