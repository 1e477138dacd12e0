import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { HandStartedPool } from '@parsl-ts-internal/other-hosts';
import { LocalProvider } from '@parsl-ts/provider-local';
import { controlMessage, joinRecords, MessageType, preamble, PROTOCOL_VERSION } from '@parsl-ts/wire';
import { expect, test } from 'vitest';
import { Dealer } from 'zeromq';

import {
  claims,
  mutated,
  oversized,
  rawBytes,
  wrongBodies,
  wrongRegistrations,
  wrongVersions,
} from './testing/hostile-messages.js';
import { ProtocolPeer } from './testing/protocol-peer.js';
import { useRunDirectory } from './testing/run-directory.js';
import { poolsWhere, startExecutor, type StartedExecutor } from './testing/started-executor.js';
import { TestTask, testFunction } from './testing/test-tasks.js';

const run = useRunDirectory();

const TASKS = 6000;
const WAVES = 30;
/** Peers of this block get no tasks, however often they are lost and register anew. */
const NOISE = 'noise';
/** The interchange may hold so much more after all of it than before, in MB. Some of what comes is 32 MB at once. */
const MAX_GROWTH_MB = 150;

/** Notes in a file that it was started, takes a moment, and gives something that nobody can guess. */
const task = testFunction(`(directory, n) => {
  process.getBuiltinModule('node:fs').appendFileSync(directory + '/' + process.pid, n + '\\n');
  const end = performance.now() + (n % 50 === 0 ? 10 : 0.2);
  while (performance.now() < end);
  return { n, hash: process.getBuiltinModule('node:crypto').createHash('sha256').update('x' + n).digest('hex') };
}`);

/** The process of the interchange, as its log names it. Fails if there was more than one. */
function interchangePid(): number {
  const pids = logLines().flatMap((line) => (line['message'] === 'listening' ? [Number(line['pid'])] : []));
  expect(pids).toHaveLength(1);
  return pids[0]!;
}

function logLines(): Record<string, unknown>[] {
  const text = readFileSync(join(run.path, 'htex', 'interchange.log'), 'utf8').trim();
  return text.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** What a process has of the memory at this moment: it may be about to give some of it back. */
const memoryMb = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
const descriptors = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

/** Whether the task with this number has its own result. */
function verdict(task: TestTask, n: number): Promise<string> {
  const hash = createHash('sha256').update(`x${n}`).digest('hex');
  return task.outcome.then(
    (value) => (isDeepStrictEqual(value, { n, hash }) ? 'right' : `${n} has ${JSON.stringify(value)}`),
    (error: unknown) => `${n}: ${String(error)}`,
  );
}

/** Whoever has the keys of the run, or who reaches the port where there are none. */
class Attackers implements Disposable {
  private readonly started: StartedExecutor;
  private readonly seed: number;
  private readonly peers: ProtocolPeer[] = [];

  constructor(started: StartedExecutor, seed: number) {
    this.started = started;
    this.seed = seed;
  }

  /** None of them gets tasks any more. */
  async hold(): Promise<void> {
    for (const { id } of this.peers) await this.started.htex.holdManager(id);
  }

  [Symbol.dispose](): void {
    for (const peer of this.peers) peer.close();
  }

  /** Never registers, and says everything. */
  unknown(): () => void {
    const peer = this.peer();
    return this.saying(peer, [
      ...wrongRegistrations(),
      ...wrongVersions(),
      ...wrongBodies(),
      ...claims(200),
      ...oversized(),
    ]);
  }

  /** Has registered, gets no tasks, and speaks of the tasks of others. */
  async registered(): Promise<() => void> {
    const peer = this.peer();
    const noise = { blockId: NOISE };
    await this.started.htex.scaling?.drainBlocks([NOISE]);
    peer.register(noise);
    await peer.next(MessageType.registered);
    const claimed = claims(TASKS);
    const say = this.saying(peer, [
      ...claimed,
      ...wrongBodies(),
      ...wrongVersions(),
      ...oversized().slice(0, 1),
    ]);
    return () => {
      peer.register(noise);
      peer.register({ ...noise, pid: 1 });
      say();
    };
  }

  /** Takes tasks, and gives them back again and again, also when others have run them. */
  returning(): () => void {
    const peer = this.peer();
    peer.register({ capacity: 2 });
    const messages: Buffer[][] = [];
    const answer = async (): Promise<void> => {
      for (;;) {
        const records = await peer.nextTasks();
        await setTimeout(20);
        const message = joinRecords(preamble(MessageType.returned), [...records, ...records]);
        messages.push(message);
        peer.send(message);
      }
    };
    void answer();
    return () => {
      for (const message of messages.slice(-20)) peer.send(message);
    };
  }

  /** Says what makes no sense to ZeroMQ. */
  readonly raw = async (): Promise<void> => {
    const port = Number(this.started.endpoint.split(':')[2]);
    await Promise.all(
      rawBytes(this.seed).map((bytes) => {
        const socket = connect(port, '127.0.0.1');
        socket.on('error', () => undefined);
        return new Promise<void>((resolve) => {
          socket.on('close', () => resolve());
          socket.write(bytes, () => void setTimeout(30).then(() => socket.destroy()));
        });
      }),
    );
  };

  private peer(): ProtocolPeer {
    const peer = new ProtocolPeer(this.started.endpoint, this.started.keys);
    this.peers.push(peer);
    return peer;
  }

  /** Says some of it each time, as it is and mutated. */
  private saying(peer: ProtocolPeer, messages: readonly (readonly Buffer[])[]): () => void {
    const noise = mutated(messages, 3000, this.seed + this.peers.length);
    let turn = 0;
    return () => {
      const part = (list: readonly (readonly Buffer[])[]): readonly (readonly Buffer[])[] =>
        list.filter((_, index) => index % WAVES === turn % WAVES);
      for (const message of [...part(messages), ...part(noise)]) peer.send([...message]);
      peer.send([controlMessage(MessageType.heartbeat)]);
      turn++;
    };
  }
}

test.each([true, false])(
  'whatever known and unknown peers say while thousands of tasks run, each task runs once and is right (encrypted: %s)',
  async (encrypted) => {
    const seed = Math.floor(Math.random() * 2 ** 30);
    const notes = join(run.path, 'notes');
    mkdirSync(notes);
    await using started = await startExecutor(run.path, {
      encrypted,
      // Nobody starts blocks of it: pools are started by hand.
      provider: new LocalProvider({ initBlocks: 0 }),
      coresPerWorker: 0.1,
      maxWorkersPerNode: 2,
    });
    const { htex } = started;
    await using _first = new HandStartedPool(htex.workerPoolCommand());
    await using _second = new HandStartedPool(htex.workerPoolCommand());
    await poolsWhere(() => htex.connectedManagers().length === 2);
    const pools = new Set(htex.connectedManagers().map(({ id }) => id));
    const tasks: TestTask[] = [];
    const submit = (count: number): void => {
      for (let each = 0; each < count; each++) {
        const one = new TestTask(task, [notes, tasks.length]);
        tasks.push(one);
        htex.submit(one);
      }
    };
    submit(TASKS / 10);
    await Promise.all(tasks.map(({ outcome }) => outcome));
    const pid = interchangePid();
    let outcomes: readonly string[];
    const before = { memoryMb: memoryMb(pid), descriptors: descriptors(pid) };
    {
      using attackers = new Attackers(started, seed);
      const attacks: readonly (() => void | Promise<void>)[] = [
        attackers.unknown(),
        attackers.unknown(),
        await attackers.registered(),
        await attackers.registered(),
        attackers.returning(),
        attackers.raw,
      ];
      for (let wave = 0; wave < WAVES; wave++) {
        submit((0.9 * TASKS) / WAVES);
        for (const attack of attacks) await attack();
        await setTimeout(20);
      }
      await attackers.hold();
      outcomes = await Promise.all(tasks.map((each, n) => verdict(each, n)));
    }
    expect(outcomes.filter((outcome) => outcome !== 'right').slice(0, 5), `seed ${seed}`).toEqual([]);
    const starts = readdirSync(notes).flatMap((name) =>
      readFileSync(join(notes, name), 'utf8').trim().split('\n'),
    );
    expect(
      starts.map(Number).toSorted((a, b) => a - b),
      `seed ${seed}`,
    ).toEqual(tasks.map((_, n) => n));
    expect(htex.outstanding).toBe(0);
    // The same process, which holds no more than before.
    expect(interchangePid()).toBe(pid);
    await poolsWhere(() => htex.connectedManagers().every(({ id }) => pools.has(id)));
    expect(htex.connectedManagers()).toHaveLength(2);
    await poolsWhere(() => descriptors(pid) <= before.descriptors);
    const growth = expect.poll(() => memoryMb(pid) - before.memoryMb, { message: `seed ${seed}` });
    await growth.toBeLessThan(MAX_GROWTH_MB);
    // A peer cannot fill the disk with lines about itself.
    expect(logLines().length).toBeLessThan(1000);
  },
);

test('a peer that says what it should not, again and again, and reads nothing, costs no memory', async () => {
  await using started = await startExecutor(run.path, { encrypted: false });
  const pid = interchangePid();
  const deaf = new Dealer({ routingId: 'deaf', linger: 0, sendHighWaterMark: 1000, receiveHighWaterMark: 1 });
  deaf.connect(started.endpoint);
  const foreign = preamble(MessageType.register);
  foreign[2] = PROTOCOL_VERSION + 1;
  const good = new ProtocolPeer(started.endpoint);
  const sayWhatItShouldNot = async (times: number) => {
    for (let count = 0; count < times; count++) {
      await deaf.send(foreign);
      await deaf.send(controlMessage(MessageType.heartbeat));
    }
    good.register();
    // What was sent before this has been read by then.
    await good.next(MessageType.registered);
  };
  // What the interchange takes for its work in any case is not to count.
  await sayWhatItShouldNot(1000);
  const before = memoryMb(pid);
  // All answers together would take more than 80 MB, and the buffers of the connection take a few.
  await sayWhatItShouldNot(250_000);
  await expect.poll(() => memoryMb(pid) - before).toBeLessThan(40);
  deaf.close();
  good.close();
});
