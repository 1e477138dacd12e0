import { joinRecords, LIMITS, MessageType, preamble, type PackedRecord } from '@parsl-ts/wire';
import { type Dealer } from 'zeromq';

/** Sends to the interchange whatever is ready, as few messages as possible, and receives from it. */
export class InterchangeLink {
  private readonly socket: Dealer;
  private messages: Buffer[][] = [];
  private results: PackedRecord[] = [];
  private sending: Promise<void> | undefined;
  private scheduled = false;
  private closed = false;

  constructor(socket: Dealer) {
    this.socket = socket;
  }

  /** Queues a message. It leaves as soon as it can, after the results queued before it. */
  send(frames: Buffer[]): void {
    this.messages.push(frames);
    this.schedule();
  }

  /** Queues results, which leave together with others. */
  report(records: readonly PackedRecord[]): void {
    for (const record of records) this.results.push(record);
    this.schedule();
  }

  /** Sends everything queued, and closes. What is on its way then has `lingerMs` to arrive. */
  async finish(lingerMs: number): Promise<void> {
    this.pump();
    if (this.sending !== undefined) {
      await Promise.race([this.sending, new Promise((resolve) => setTimeout(resolve, lingerMs).unref())]);
    }
    this.closed = true;
    this.socket.linger = lingerMs;
    this.socket.close();
  }

  /** Gives every message to `listener` until the link is closed. */
  async receive(listener: (frames: Buffer[]) => void): Promise<void> {
    while (!this.closed) {
      let frames: Buffer[];
      try {
        frames = await this.socket.receive();
      } catch (error) {
        if (this.socket.closed) return;
        throw error;
      }
      listener(frames);
    }
  }

  private schedule(): void {
    if (this.scheduled || this.sending !== undefined) return;
    this.scheduled = true;
    // At once for the sake of a task that is alone; while a send is under way, the next ones gather.
    queueMicrotask(() => {
      this.scheduled = false;
      this.pump();
    });
  }

  private pump(): void {
    if (this.closed || this.sending !== undefined) return;
    if (this.messages.length > 0 || this.results.length > 0) this.sending = this.sendAll();
  }

  private async sendAll(): Promise<void> {
    try {
      while (!this.closed) {
        const results = this.results;
        const messages = this.messages;
        if (results.length === 0 && messages.length === 0) return;
        this.results = [];
        this.messages = [];
        for (const batch of inBatches(results)) {
          await this.socket.send(joinRecords(preamble(MessageType.results), batch));
        }
        for (const frames of messages) await this.socket.send(frames);
      }
    } finally {
      // In the same step as the look that found nothing: what came in between would stay behind.
      this.sending = undefined;
    }
  }
}

/** The records of as many messages as it takes. */
function inBatches(records: readonly PackedRecord[]): readonly (readonly PackedRecord[])[] {
  const limit = LIMITS.recordsPerMessage;
  if (records.length === 0) return [];
  if (records.length <= limit) return [records];
  return Array.from({ length: Math.ceil(records.length / limit) }, (_, index) =>
    records.slice(index * limit, (index + 1) * limit),
  );
}
