import type { ProcessEnd } from '@parsl-ts/wire';

import { ExecutorClosedError, InterchangeLost, InterchangeStartError } from '../errors.js';
import { readTrusted, type FrameLink } from '../link/frame-link.js';
import type { InterchangeSetup } from '../link/interchange-setup.js';
import {
  FromInterchange,
  ToInterchange,
  type BadPool,
  type InterchangeReady,
  type InterchangeRefusal,
  type MissingTime,
  type PoolNews,
} from '../link/link-protocol.js';
import { InterchangeProcess } from './interchange-process.js';

/** What an interchange tells the executor. */
export interface InterchangeEvents {
  /** Result records. */
  onResults(body: Buffer): void;
  onPools(news: PoolNews): void;
  /** A pool is held because tasks fail on it. It has been told of before. */
  onBadPool(pool: BadPool): void;
  onMissingTime(missing: MissingTime): void;
  /** It has ended although it was not asked to. */
  onLost(error: InterchangeLost): void;
}

/** The interchange of one executor, from its start to its end. */
export class InterchangeClient {
  private readonly executor: string;
  private readonly events: InterchangeEvents;
  private readonly process: InterchangeProcess;
  private readonly holds = new Map<number, () => void>();
  private starting: { resolve(port: number): void; reject(error: Error): void } | undefined;
  private refusal: InterchangeRefusal | undefined;
  private nextHold = 0;
  private closing = false;

  /**
   * Starts the process.
   *
   * @throws InterchangeStartError when there is no directory for it, or no process
   * @param directory The executor's directory of the run.
   */
  constructor(setup: InterchangeSetup, directory: string, events: InterchangeEvents) {
    this.executor = setup.label;
    this.events = events;
    try {
      this.process = new InterchangeProcess(directory, {
        onFrame: (type, body) => this.onFrame(type, body),
        onExit: (end, stderr) => this.onExit(end, stderr),
      });
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new InterchangeStartError(setup.label, message, { cause });
    }
    this.link.sendControl(ToInterchange.setup, setup);
  }

  get link(): FrameLink {
    return this.process.link;
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  /**
   * Resolves to the port on which the interchange listens.
   *
   * @throws InterchangeStartError when it cannot
   */
  ready(): Promise<number> {
    return new Promise((resolve, reject) => (this.starting = { resolve, reject }));
  }

  /** Resolves when these managers and the managers of these blocks will get no further tasks. */
  hold(managers: readonly string[], blocks: readonly string[]): Promise<void> {
    if (this.closing) return Promise.resolve();
    const request = this.nextHold++;
    return new Promise((resolve) => {
      this.holds.set(request, resolve);
      this.link.sendControl(ToInterchange.hold, { request, managers, blocks });
    });
  }

  /** Ends it and all its pools; resolves when its process has gone. */
  async close(): Promise<void> {
    this.closing = true;
    this.link.send(ToInterchange.close, []);
    await this.process.ended();
  }

  endNow(): void {
    this.closing = true;
    this.process.endNow();
  }

  private onFrame(type: number, body: Buffer): void {
    switch (type) {
      case FromInterchange.results:
        return this.events.onResults(body);
      case FromInterchange.pools:
        return this.events.onPools(readTrusted<PoolNews>(body));
      case FromInterchange.bad:
        return this.events.onBadPool(readTrusted<BadPool>(body));
      case FromInterchange.missingTime:
        return this.events.onMissingTime(readTrusted<MissingTime>(body));
      case FromInterchange.ready:
        this.starting?.resolve(readTrusted<InterchangeReady>(body).port);
        this.starting = undefined;
        return;
      case FromInterchange.failed:
        this.refusal = readTrusted<InterchangeRefusal>(body);
        return;
      case FromInterchange.held: {
        const { request } = readTrusted<{ readonly request: number }>(body);
        this.holds.get(request)?.();
        this.holds.delete(request);
      }
    }
  }

  private onExit(end: ProcessEnd, stderr: string): void {
    for (const resolve of this.holds.values()) resolve();
    this.holds.clear();
    if (this.starting !== undefined) {
      this.starting.reject(this.startError(end, stderr));
      this.starting = undefined;
    } else if (!this.closing) {
      this.events.onLost(new InterchangeLost(this.executor, end, stderr));
    }
  }

  private startError(end: ProcessEnd, stderr: string): Error {
    if (this.closing) return new ExecutorClosedError(this.executor, 'was closed while it started');
    if (this.refusal !== undefined) {
      return new InterchangeStartError(this.executor, this.refusal.message, { option: this.refusal.option });
    }
    const how =
      end.signal === null ? `it exited with code ${String(end.exitCode)}` : `it was killed by ${end.signal}`;
    return new InterchangeStartError(
      this.executor,
      `${how}; it wrote: ${stderr === '' ? 'nothing' : stderr}`,
    );
  }
}
