import { expect, test } from 'vitest';

import { attack, FuzzError, type AttackOptions, type Target } from './attack.js';
import { bundle, unbundle } from './bundle.js';

const OPTIONS = { frames: 2000, seed: 1, maxMs: 100 };
class Refusal extends Error {}

function target(read: (frame: Buffer) => void): Target {
  return {
    name: 'test',
    frames: [Buffer.from('one frame'), Buffer.from('another frame')],
    read,
    isRefusal: (error) => error instanceof Refusal,
  };
}

/** What the attack finds. */
async function finding(read: (frame: Buffer) => void, options: Partial<AttackOptions> = {}): Promise<string> {
  try {
    await attack(target(read), { ...OPTIONS, ...options });
  } catch (error) {
    if (error instanceof FuzzError) return error.message;
    throw error;
  }
  return 'nothing';
}

test('counts what is accepted and what is refused', async () => {
  const figures = await attack(
    target((frame) => {
      if (frame.length < 9) throw new Refusal();
    }),
    OPTIONS,
  );
  expect(figures).toMatchObject({ name: 'test', frames: 2000 });
  expect(figures.accepted).toBeGreaterThan(200);
  expect(figures.refused).toBeGreaterThan(200);
  expect(figures.accepted + figures.refused).toBe(2000);
});

test('is the same for the same seed', async () => {
  // A frame that takes long is read again.
  const patient = { ...OPTIONS, maxMs: Infinity };
  const seen: string[] = [];
  for (const seed of [1, 1, 2]) {
    const frames: string[] = [];
    await attack(
      target((frame) => frames.push(frame.toString('hex'))),
      { ...patient, seed },
    );
    seen.push(frames.join());
  }
  expect(seen[0]).toBe(seen[1]);
  expect(seen[0]).not.toBe(seen[2]);
});

test('finds another error than a refusal, and shows the frame', async () => {
  const message = await finding((frame) => {
    if (frame.length === 3) throw new RangeError('boom');
  });
  expect(message).toMatch(/^test, seed 1: frame \d+: RangeError: boom; the frame was [0-9a-f]{6}$/);
});

test('finds a change of a prototype', async () => {
  try {
    expect(await finding(() => Reflect.set(Object.prototype, 'polluted', 1))).toContain(
      'a prototype was changed',
    );
  } finally {
    Reflect.deleteProperty(Object.prototype, 'polluted');
  }
});

test('finds memory that is not given back', async () => {
  const kept: Buffer[] = [];
  expect(await finding(() => kept.push(Buffer.alloc(100_000)))).toMatch(/\d+ bytes are still in use/);
});

test('finds a frame that takes too long', async () => {
  const end = (): void => {
    const until = performance.now() + 110;
    while (performance.now() < until);
  };
  expect(await finding(end)).toMatch(/frame 1 takes 1\d\d ms/);
});

test('a frame that took long only once is none', async () => {
  let count = 0;
  const hiccup = (): void => {
    const until = performance.now() + 110;
    if (++count === 500) while (performance.now() < until);
  };
  expect(await finding(hiccup)).toBe('nothing');
});

test('finds a frame that does not end', async () => {
  expect(
    await finding(
      () => {
        for (;;);
      },
      { hangMs: 3000 },
    ),
  ).toContain('frame 1 does not end');
});

test('the frames of a message survive being made one, whole or cut', () => {
  const frames = [Buffer.from('head'), Buffer.alloc(0), Buffer.from('payload')];
  expect(unbundle(bundle(frames))).toEqual(frames);
  expect(unbundle(bundle(frames).subarray(0, -3))).toEqual([frames[0], frames[1], Buffer.from('payl')]);
});
