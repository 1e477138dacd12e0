import { FunctionNotShippableError, type TaskFunction } from '@parsl-ts/core';
import { codeMessage, type PackedRecord } from '@parsl-ts/wire';

/** A function that has been given its index. */
export interface ShippedFunction {
  readonly index: number;
  readonly name: string;
  /** Tasks that wait for the function to be packed, by submission; `undefined` when it has been. */
  waiting: Map<number, PackedRecord> | undefined;
  /** What tells the interchange about it, once it is packed. */
  code: readonly Buffer[] | undefined;
  /** Why it cannot be shipped. */
  error: unknown;
  /** Rewrites stacks from the workers. */
  mapStack: ((stack: string) => string) | undefined;
}

/** What a {@link FunctionTable} needs. */
export interface FunctionTableEvents {
  /** The function is packed: its code, then `waiting`, may be sent. */
  onPacked(code: readonly Buffer[], waiting: Iterable<PackedRecord>): void;
  /** It cannot be: these submissions, which waited, fail. */
  onFailed(error: unknown, submissions: Iterable<number>): void;
}

/**
 * The functions that an executor has met; each is packed once and travels under its index. One that cannot be shipped stays
 * so; after any other failure, which may pass, it is packed again when it is next needed.
 */
export class FunctionTable {
  private readonly events: FunctionTableEvents;
  private readonly functions = new Map<TaskFunction, ShippedFunction>();
  private nextIndex = 0;

  constructor(events: FunctionTableEvents) {
    this.events = events;
  }

  /** The function's entry; begins to pack it unless that has begun. */
  get(app: TaskFunction): ShippedFunction {
    const known = this.functions.get(app);
    if (known !== undefined) return known;
    const { name } = app;
    const entry: ShippedFunction = {
      index: this.nextIndex++,
      name,
      waiting: new Map(),
      code: undefined,
      error: undefined,
      mapStack: undefined,
    };
    this.functions.set(app, entry);
    void this.pack(app, entry);
    return entry;
  }

  /** The code of all functions that are packed. */
  packed(): (readonly Buffer[])[] {
    return [...this.functions.values()].flatMap(({ code }) => (code === undefined ? [] : [code]));
  }

  private async pack(app: TaskFunction, entry: ShippedFunction): Promise<void> {
    try {
      const bundle = await app.bundle();
      entry.mapStack = (stack) => bundle.mapStack(stack);
      const { index, name } = entry;
      const announcement = { index, id: bundle.id, name, contextIndex: app.contextIndex };
      const [head = Buffer.alloc(0), source = Buffer.alloc(0)] = codeMessage(
        announcement,
        Buffer.from(bundle.code, 'utf8'),
      );
      const lengths = Buffer.alloc(8);
      lengths.writeUInt32LE(index, 0);
      lengths.writeUInt32LE(head.length, 4);
      entry.code = [lengths, head, source];
      this.events.onPacked(entry.code, this.takeWaiting(entry).values());
    } catch (error) {
      if (error instanceof FunctionNotShippableError) entry.error = error;
      else this.functions.delete(app);
      this.events.onFailed(error, this.takeWaiting(entry).keys());
    }
  }

  private takeWaiting(entry: ShippedFunction): Map<number, PackedRecord> {
    const waiting = entry.waiting ?? new Map<number, PackedRecord>();
    entry.waiting = undefined;
    return waiting;
  }
}
