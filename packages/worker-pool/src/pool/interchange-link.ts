import { MessageType, recordMessages, type PackedRecord } from '@parsl-ts/wire';
import { type Dealer } from 'zeromq';

/** What waits to be sent: a message, or results that leave together. */
type Waiting = { readonly frames: Buffer[] } | { readonly results: PackedRecord[] };

/** Sends to the interchange whatever is ready, in order and as few messages as possible, and receives from it. */
export class InterchangeLink {
  private readonly socket: Dealer;
  private waiting: Waiting[] = [];
  private sending: Promise<void> | undefined;
  private scheduled = false;
  private closed = false;

  constructor(socket: Dealer) {
    this.socket = socket;
  }

  /** Queues a message. It leaves as soon as it can. */
  send(frames: Buffer[]): void {
    this.waiting.push({ frames });
    this.schedule();
  }

  /** Queues results, which leave together with those before them. */
  report(records: readonly PackedRecord[]): void {
    if (records.length === 0) return;
    const last = this.waiting.at(-1);
    if (last !== undefined && 'results' in last) for (const record of records) last.results.push(record);
    else this.waiting.push({ results: [...records] });
    this.schedule();
  }

  /** Drops what has not left. */
  clear(): void {
    this.waiting = [];
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
    if (this.waiting.length > 0) this.sending = this.sendAll();
  }

  private async sendAll(): Promise<void> {
    try {
      while (!this.closed && this.waiting.length > 0) {
        const { waiting } = this;
        this.waiting = [];
        for (const next of waiting) {
          if ('frames' in next) await this.socket.send(next.frames);
          else
            for (const message of recordMessages(MessageType.results, next.results))
              await this.socket.send(message);
        }
      }
    } finally {
      // In the same step as the look that found nothing: what came in between would stay behind.
      this.sending = undefined;
    }
  }
}
