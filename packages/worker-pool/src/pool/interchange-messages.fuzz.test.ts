import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  attack,
  attackTimeoutMs,
  bundle,
  framesPerTarget,
  fuzzSeed,
  noteFigures,
  unbundle,
} from '@parsl-ts-internal/fuzz';
import {
  cancelMessages,
  codeMessage,
  controlMessage,
  encodeValue,
  joinRecords,
  MessageType,
  preamble,
  refusedMessage,
  writeTask,
} from '@parsl-ts/wire';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { Manager } from '../manager/manager.js';
import { type ManagerEvent } from '../manager/protocol.js';
import { FunctionStore } from './function-store.js';
import { InterchangeMessages } from './interchange-messages.js';
import { PoolLog } from './pool-log.js';

const FRAMES = framesPerTarget(2000);
const SEED = fuzzSeed();
/** A pool is told so much before the next one takes its place. */
const FRAMES_PER_POOL = 15;

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'fuzz-pool-'))));
afterEach(() => rmSync(dir, { recursive: true }));

class Refusal extends Error {}

/** A pool without sockets and processes. */
class PoolWithoutWorkers {
  private readonly manager = new Manager({
    id: 'm',
    host: 'h',
    blockId: '0',
    workers: 2,
    prefetchCapacity: undefined,
    endAt: Infinity,
  });
  private readonly messages: InterchangeMessages;
  private readonly problems: string[] = [];
  private came = 0;
  private answered = 0;

  constructor(functions: FunctionStore, log: PoolLog) {
    log.warn = (message, fields) => {
      if (message.startsWith('dropped')) this.problems.push(String(fields?.['error']));
    };
    this.messages = new InterchangeMessages({
      functions,
      log,
      heard: () => undefined,
      emit: (event) => this.handle(event),
      delivered: () => undefined,
      registerAnew: () => undefined,
      welcomed: () => undefined,
      ended: () => undefined,
    });
    for (const rank of [0, 1]) this.handle({ type: 'ready', rank });
    this.handle({ type: 'function', index: 0 });
  }

  /** @throws Refusal when it drops the message, and another error when that is more than a refusal. */
  take(frames: Buffer[]): void {
    this.problems.length = 0;
    this.messages.take(frames);
    // What has come is there, or was answered: a bad task takes no other with it.
    const known = this.manager.held + this.answered;
    if (known !== this.came) throw new Error(`${this.came} tasks have come, and ${known} are known`);
    const [problem] = this.problems;
    if (problem === undefined) return;
    if (!/^(ProtocolError|ParslError): /.test(problem)) throw new Error(problem);
    throw new Refusal();
  }

  private handle(event: ManagerEvent): void {
    if (event.type === 'tasks') this.came += event.records.length;
    for (const instruction of this.manager.handle(event, 0)) {
      if (instruction.type === 'return') this.answered += instruction.records.length;
      if (instruction.type === 'report') this.answered += instruction.records.length;
    }
  }
}

/** What an interchange says. */
function messages(): Buffer[][] {
  const task = (submission: number, withOptions: boolean) =>
    writeTask({
      ...{ submission, taskId: submission, attempt: 0, functionIndex: 0, timeoutMs: 0, priority: Infinity },
      options: withOptions ? { stdout: '/tmp/out' } : undefined,
      args: encodeValue([submission], 'args'),
    });
  const code = Buffer.from('export default () => 1;\n');
  const id = createHash('sha256').update(code).digest('hex');
  const announcement = { index: 0, id, name: 'f', contextIndex: -1 };
  return [
    joinRecords(preamble(MessageType.tasks), [task(1, false), task(2, true), task(3, false)]),
    joinRecords(preamble(MessageType.tasks), [task(4, false)]),
    codeMessage(announcement, code),
    ...cancelMessages([1, 2, 3], 'because').map((message) => [message]),
    [controlMessage(MessageType.recall, { tasks: 2 })],
    [controlMessage(MessageType.registered, { runId: 'run' })],
    [controlMessage(MessageType.unknown, { asked: 7 })],
    [controlMessage(MessageType.delivered, { results: 2, last: 2 })],
    [controlMessage(MessageType.heartbeat)],
    refusedMessage('no'),
  ];
}

test(
  'whatever an interchange says, no task that has come is lost, and nothing but the message is refused',
  async () => {
    const functions = new FunctionStore(dir);
    const log = new PoolLog(dir, {});
    let pool = new PoolWithoutWorkers(functions, log);
    let count = 0;
    const read = (frame: Buffer): void => {
      if (++count % FRAMES_PER_POOL === 0) pool = new PoolWithoutWorkers(functions, log);
      pool.take(unbundle(frame));
    };
    const frames = messages().map(bundle);
    for (const frame of frames) read(frame);
    const figures = await attack(
      {
        name: 'messages of an interchange',
        frames,
        read,
        isRefusal: (error) => error instanceof Refusal,
      },
      { frames: FRAMES, seed: SEED },
    );
    log.close();
    expect(figures.accepted).toBeGreaterThan(0);
    noteFigures(figures);
  },
  attackTimeoutMs(FRAMES),
);
