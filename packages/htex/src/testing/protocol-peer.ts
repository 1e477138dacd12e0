import { randomBytes } from 'node:crypto';

import {
  controlMessage,
  encodeValue,
  forEachRecord,
  joinRecords,
  MessageType,
  preamble,
  PREAMBLE_BYTES,
  readPreamble,
  ResultStatus,
  TASK_HEAD_BYTES,
  taskField,
  writeResult,
  type PackedRecord,
  type PoolKeys,
  type Registration,
} from '@parsl-ts/wire';
import { Dealer, type Observer } from 'zeromq';

/** A worker pool that speaks the protocol and runs nothing: tests decide what it says. */
export class ProtocolPeer {
  readonly id: string;
  readonly socket: Dealer;
  /** What becomes of its connection, from the first attempt on. */
  readonly events: Observer;
  private readonly backlog: Buffer[][] = [];
  private wake: (() => void) | undefined;
  private sending: Promise<unknown> = Promise.resolve();

  constructor(endpoint: string, keys?: PoolKeys, id = randomBytes(6).toString('hex')) {
    this.id = id;
    this.socket = new Dealer({
      routingId: id,
      linger: 0,
      sendHighWaterMark: 0,
      receiveHighWaterMark: 0,
      ...(keys === undefined
        ? {}
        : {
            curveServerKey: keys.serverKey,
            curvePublicKey: keys.publicKey,
            curveSecretKey: keys.secretKey,
          }),
    });
    // Before it connects: what has happened when they are asked for first would not be seen.
    this.events = this.socket.events;
    this.socket.connect(endpoint);
    void this.receiveAll();
  }

  send(frames: Buffer[]): void {
    this.sending = this.sending.then(() => this.socket.send(frames)).catch(() => undefined);
  }

  register(registration: Partial<Registration> = {}): void {
    this.send([
      controlMessage(MessageType.register, {
        ...{ blockId: 'test', host: 'test-host', pid: process.pid, workers: 1, capacity: 1 },
        ...{ cores: 1, memoryGb: 1, node: process.version, version: '0.0.0' },
        ...registration,
      }),
    ]);
  }

  /** The next message of this type; others before it are dropped. */
  async next(type: number): Promise<Buffer[]> {
    for (;;) {
      const frames = this.backlog.shift();
      if (frames === undefined) await new Promise<void>((resolve) => (this.wake = resolve));
      else if (readPreamble(frames[0]!).type === type) return frames;
    }
  }

  /** The tasks of the next message that has some. */
  async nextTasks(): Promise<PackedRecord[]> {
    const [head, ...further] = await this.next(MessageType.tasks);
    const records: PackedRecord[] = [];
    forEachRecord(head!, PREAMBLE_BYTES, TASK_HEAD_BYTES, further, (record) => records.push(record));
    return records;
  }

  /** Says that these tasks have given `value`. */
  succeed(tasks: readonly PackedRecord[], value: unknown): void {
    const payload = encodeValue(value, 'the result');
    const results = tasks.map((task) =>
      writeResult(taskField.submission(task), ResultStatus.succeeded, 1, payload),
    );
    this.send(joinRecords(preamble(MessageType.results), results));
  }

  close(): void {
    this.socket.close();
  }

  private async receiveAll(): Promise<void> {
    try {
      for await (const frames of this.socket) {
        this.backlog.push(frames);
        this.wake?.();
      }
    } catch (error) {
      if (!this.socket.closed) throw error;
    }
  }
}
