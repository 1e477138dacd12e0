import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataFlowKernel, InlineExecutor } from '@parsl-ts/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reduceFutures } from './reduce.js';

let runDir: string;
let dfk: DataFlowKernel;

beforeAll(async () => {
  runDir = await mkdtemp(join(tmpdir(), 'flights-'));
  dfk = await DataFlowKernel.start({ executors: [new InlineExecutor()], runDir });
});

afterAll(async () => {
  await dfk.close();
  await rm(runDir, { recursive: true });
});

describe('a tree of reductions', () => {
  it.each([
    [1, 0],
    [4, 1],
    [5, 2],
    [11, 4],
    [16, 5],
    [17, 6],
  ])('over %i parts combines every part once, in order, in %i tasks', async (count, tasks) => {
    const letter = dfk.app((i: number) => String.fromCharCode(97 + i));
    const concat = dfk.app((parts: string[]) => parts.join(''));
    let combined = 0;
    const parts = Array.from({ length: count }, (_, i) => letter(i));
    const all = reduceFutures(parts, (group) => {
      combined += 1;
      return concat(group);
    });
    expect(await all).toBe('abcdefghijklmnopqrstuvwxyz'.slice(0, count));
    expect(combined).toBe(tasks);
  });

  it('needs a part', () => {
    expect(() => reduceFutures([], ([first]) => first!)).toThrow(RangeError);
  });
});
