import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { mutate, RandomBits } from '@parsl-ts-internal/fuzz';
import {
  codeMessage,
  controlMessage,
  encodeValue,
  joinRecords,
  MessageType,
  preamble,
  PROTOCOL_VERSION,
  RESULT_HEAD_BYTES,
  writeTask,
} from '@parsl-ts/wire';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { InterchangePeer } from '../testing/interchange-peer.js';
import { startWorkerPool, type WorkerPool } from './worker-pool.js';

const TASKS = 3000;
const WAVES = 30;
/** Submissions of this test's own garbage begin there. */
const FOREIGN = 1e9;

let peer: InterchangePeer;
let pool: WorkerPool;
let dir: string;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'pool-test-'));
  mkdirSync(join(dir, 'notes'));
  peer = await InterchangePeer.listen();
  pool = await startWorkerPool({
    addresses: [peer.address],
    coresPerWorker: 0.1,
    maxWorkersPerNode: 2,
    logDir: join(dir, 'logs'),
    scratchDir: dir,
  });
});

afterEach(async () => {
  await pool.close();
  peer.close();
  rmSync(dir, { recursive: true, force: true });
});

/** What ends a pool: it has to obey. */
const ENDS: readonly number[] = [MessageType.refused, MessageType.shutdown];

/** What a pool obeys too, where it makes sense, and a change may have made it so: tasks handed back, stopped, forgotten. */
const ORDERS: readonly number[] = [...ENDS, MessageType.recall, MessageType.cancel, MessageType.delivered];

/** Messages with something wrong in them. */
function garbage(): Buffer[][] {
  const task = (submission: number, functionIndex: number): Buffer[] =>
    joinRecords(preamble(MessageType.tasks), [
      writeTask({
        ...{ submission, taskId: 1, attempt: 0, functionIndex, timeoutMs: 0, priority: Infinity },
        options: undefined,
        args: encodeValue([submission], 'args'),
      }),
    ]);
  const announcement = { index: 9, id: 'a'.repeat(64), name: 'f', contextIndex: -1 };
  const wrongCounts = [-1, 0.5, '1', null, {}, 2 ** 60].flatMap((tasks) => [
    [controlMessage(MessageType.recall, { tasks })],
    [controlMessage(MessageType.delivered, { results: tasks, last: 1 })],
    [controlMessage(MessageType.delivered, { results: 1, last: tasks })],
  ]);
  const wrongCancels = [5, null, ['1'], [-1], {}].map((submissions) => [
    controlMessage(MessageType.cancel, { submissions, reason: 'x' }),
  ]);
  const tooShort = Array.from({ length: 256 }, (_, type) => {
    const head = preamble(MessageType.tasks);
    head[3] = type;
    return [Buffer.concat([head, Buffer.from([1, 2, 3])])];
  });
  return [
    ...wrongCounts,
    ...wrongCancels,
    ...tooShort.filter(([head]) => !ENDS.includes(head![3]!) && head![3] !== MessageType.registered),
    // A function that nobody has announced, and one whose number is another's.
    task(FOREIGN, 77),
    codeMessage(announcement, Buffer.from('export default () => "not what was announced"')),
    codeMessage({ ...announcement, index: 0 }, Buffer.from('export default () => "stolen"')),
    codeMessage({ ...announcement, contextIndex: 2 ** 50 }, Buffer.from('')),
    [controlMessage(MessageType.code, announcement)],
    [preamble(MessageType.tasks), Buffer.alloc(8 * 2 ** 20)],
    [Buffer.concat([preamble(MessageType.tasks), Buffer.alloc(2 ** 20)])],
    [Buffer.concat([preamble(MessageType.cancel), Buffer.alloc(2 ** 20 + 1)])],
    [Buffer.alloc(RESULT_HEAD_BYTES)],
    [Buffer.alloc(0)],
    Array.from({ length: 500 }, () => Buffer.from([0x50])),
    [preamble(MessageType.results)],
    [controlMessage(MessageType.register, {})],
  ];
}

function mutated(count: number, seed: number): Buffer[][] {
  const random = new RandomBits(seed);
  const messages = garbage();
  return Array.from({ length: count }, () => {
    const [head = Buffer.alloc(0), ...further] = messages[random.below(messages.length)] ?? [];
    const bytes = mutate(head.subarray(0, 4096), random, head.subarray(0, 4096));
    if (bytes.length > 3) {
      bytes[2] = PROTOCOL_VERSION;
      if (ORDERS.includes(bytes[3]!)) bytes[3] = MessageType.tasks;
    }
    return [bytes, ...further];
  });
}

test('whatever an interchange says, each of its tasks that is in order runs once and is right', async () => {
  const seed = Math.floor(Math.random() * 2 ** 30);
  const source = `export default (directory, n) => {
    process.getBuiltinModule('node:fs').appendFileSync(directory + '/' + process.pid, n + '\\n');
    return n * 7;
  }`;
  const functionIndex = await peer.define(source);
  const noise = [...garbage(), ...mutated(3000, seed)];
  const submissions: number[] = [];
  for (let wave = 0; wave < WAVES; wave++) {
    const tasks = Array.from({ length: TASKS / WAVES }, (_, index) => ({
      functionIndex,
      args: [join(dir, 'notes'), submissions.length + index],
    }));
    submissions.push(...(await peer.submit(tasks)));
    for (const [index, message] of noise.entries()) if (index % WAVES === wave) await peer.send(...message);
    await setTimeout(5);
  }
  const outcomes = await Promise.all(submissions.map((submission) => peer.outcome(submission)));
  const wrong = outcomes.flatMap((outcome, n) =>
    'value' in outcome && outcome.value === 7 * n ? [] : [`${n}: ${JSON.stringify(outcome)}`],
  );
  expect(wrong.slice(0, 5), `seed ${seed}`).toEqual([]);
  const notes = readdirSync(join(dir, 'notes')).flatMap((name) =>
    readFileSync(join(dir, 'notes', name), 'utf8')
      .trim()
      .split('\n'),
  );
  const starts = notes.map(Number).toSorted((a, b) => a - b);
  expect(starts, `seed ${seed}`).toEqual(submissions.map((_, n) => n));
  // The workers are those of the beginning: none has ended because of what came. One may have done it all.
  expect(readdirSync(join(dir, 'notes')).length).toBeLessThanOrEqual(2);
  const log = readFileSync(join(dir, 'logs', 'block-manual', pool.id, 'manager.log'), 'utf8')
    .trim()
    .split('\n');
  expect(log.filter((line) => line.includes('dropped a message')).length).toBe(20);
  expect(log.filter((line) => line.includes('worker ended'))).toEqual([]);
});
