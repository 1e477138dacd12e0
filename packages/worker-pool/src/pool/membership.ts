import {
  MessageType,
  preamble,
  registerMessage,
  type Delivered,
  type HeldSubmission,
  type PackedRecord,
  type Registration,
} from '@parsl-ts/wire';

import { type ManagerEvent } from '../manager/protocol.js';
import { PoolExit } from '../pool-error.js';
import { type Connection } from './connection.js';
import { findInterchange } from './find-interchange.js';
import { type FunctionStore } from './function-store.js';
import { InterchangeLink } from './interchange-link.js';
import { InterchangeMessages } from './interchange-messages.js';
import { Liveness } from './liveness.js';
import { type WorkerPoolOptions } from './options.js';
import { type PoolEnd } from './pool-end.js';
import { type PoolLog } from './pool-log.js';
import { UndeliveredResults } from './undelivered-results.js';

const DEFAULTS = { heartbeatPeriodMs: 30_000, heartbeatThresholdMs: 120_000, addressProbeTimeoutMs: 30_000 };
/** How long a pool that is told to end waits to hear that its last results have arrived, in ms. */
const LAST_RESULTS_MS = 5000;

/** What a {@link Membership} asks its pool, and tells it. */
export interface MembershipParts {
  /** By which the interchange knows the pool. */
  readonly id: string;
  readonly options: WorkerPoolOptions;
  readonly functions: FunctionStore;
  readonly log: PoolLog;
  /** How the pool introduces itself now. */
  introduce(): Registration;
  /** Tasks that it has and has not answered. */
  holdings(): readonly HeldSubmission[];
  /** The interchange wants something of the manager. */
  emit(event: ManagerEvent): void;
  /** The pool is to end: the run has ended, or the interchange has gone. */
  ended(end: PoolEnd): void;
}

/**
 * A pool's part in a run, as its interchange sees it: it registers, drains, registers anew when the connection broke, and
 * goes when its results have arrived. Until then it keeps them.
 */
export class Membership {
  private readonly parts: MembershipParts;
  private readonly undelivered = new UndeliveredResults();
  private link: InterchangeLink | undefined;
  private liveness: Liveness | undefined;
  /** Of the run that has welcomed it. */
  private runId: string | undefined;
  private isDraining = false;
  /** It registers anew, and was not answered yet. */
  private isReturning = false;
  /** Its connection broke, and it has not been welcomed back. */
  private isAway = false;
  /** The run has ended, or cannot be reached: nobody wants its results any more. */
  private isDeserted = false;
  /** While it waits for its last results to have arrived: it need not any longer. */
  private whenDelivered: (() => void) | undefined;

  constructor(parts: MembershipParts) {
    this.parts = parts;
  }

  /**
   * Connects and registers.
   *
   * @throws WorkerPoolError when the interchange cannot be reached or refuses the pool
   */
  async begin(): Promise<void> {
    const { id, options } = this.parts;
    const where = {
      addresses: options.addresses,
      keys: options.keys,
      timeoutMs: options.addressProbeTimeoutMs ?? DEFAULTS.addressProbeTimeoutMs,
    };
    const connection = await findInterchange(where, id);
    const link = new InterchangeLink(connection.socket);
    this.link = link;
    const messages = this.listen(connection, link);
    link.send(registerMessage(this.parts.introduce()));
    await messages.registered(where.timeoutMs);
  }

  /** Queues a message, if there is an interchange. */
  send(frames: Buffer[]): void {
    this.link?.send(frames);
  }

  /** Says something of a task that is no result, and need not arrive. */
  tell(record: PackedRecord): void {
    this.link?.report([record]);
  }

  /** Sends results, and keeps them until they have arrived. */
  report(records: readonly PackedRecord[], taskIds: readonly number[]): void {
    this.undelivered.add(records, taskIds);
    this.link?.report(records);
  }

  /** Takes no more tasks: the manager is told when those have come that were on their way. */
  drain(): void {
    this.refuseTasks();
    // Whatever was on its way when the interchange heard of it comes before the answer to this.
    this.send(registerMessage(this.parts.introduce()));
  }

  /** Tells the interchange that no more tasks are taken; also one with which the pool registers until its results have arrived. */
  refuseTasks(): void {
    this.isDraining = true;
    this.send([preamble(MessageType.drain)]);
  }

  /**
   * Waits until all results have arrived, or do not any more. The line may just be cut, or the interchange just being
   * started again.
   *
   * @param patiently for as long as an interchange may be silent; else for some seconds
   */
  async lastResults(patiently: boolean): Promise<void> {
    if (this.undelivered.isEmpty || this.isDeserted) return;
    const patienceMs = patiently ? this.thresholdMs : Math.min(LAST_RESULTS_MS, this.thresholdMs);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, patienceMs);
      this.whenDelivered = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Ends it. What has not been sent by then has `lingerMs` to leave. */
  async end(lingerMs: number): Promise<void> {
    this.liveness?.stop();
    // Otherwise it is lost, as far as the interchange knows, with what it has not told.
    if (this.undelivered.isEmpty) this.send([preamble(MessageType.goodbye)]);
    await this.link?.finish(lingerMs);
  }

  private get thresholdMs(): number {
    return this.parts.options.heartbeatThresholdMs ?? DEFAULTS.heartbeatThresholdMs;
  }

  private listen(connection: Connection, link: InterchangeLink): InterchangeMessages {
    const { options, functions, log } = this.parts;
    const liveness = new Liveness({
      address: connection.address,
      events: connection.socket.events,
      periodMs: options.heartbeatPeriodMs ?? DEFAULTS.heartbeatPeriodMs,
      thresholdMs: this.thresholdMs,
      beat: () => link.send([preamble(MessageType.heartbeat)]),
      disconnected: () => (this.isAway = true),
      reconnected: () => this.askToBeAsked(link),
      lost: (reason) => this.desert({ exitCode: PoolExit.interchangeLost, reason }),
      log,
    });
    this.liveness = liveness;
    const messages = new InterchangeMessages({
      functions,
      log,
      heard: () => liveness.heard(),
      emit: (event) => this.parts.emit(event),
      delivered: (what) => this.onDelivered(link, what),
      registerAnew: (asked) => this.registerAnew(link, asked),
      welcomed: (runId) => this.onWelcome(runId),
      ended: (end) => this.desert(end),
    });
    link
      .receive((frames) => messages.take(frames))
      .catch((error: unknown) => {
        this.parts.ended({ exitCode: PoolExit.failed, reason: `its socket failed: ${String(error)}` });
      });
    return messages;
  }

  private onDelivered(link: InterchangeLink, { results, last }: Delivered): void {
    // Counted by what has come, which may not be all.
    if (this.isAway) return;
    // Some were lost with a connection, and others came over the next one, before this process heard of either.
    if (!this.undelivered.deliveredUpTo(results, last)) return this.askToBeAsked(link);
    if (this.undelivered.isEmpty) this.whenDelivered?.();
  }

  /** The connection broke and is back: the interchange is to ask what this pool has. Until then its counts say nothing. */
  private askToBeAsked(link: InterchangeLink): void {
    this.isAway = true;
    this.isReturning = false;
    link.send([preamble(MessageType.reconnected)]);
  }

  /**
   * The interchange does not know any more what this pool has: it is a new one, has given the pool up, or the connection
   * broke. Whatever it has sent before has come, or never will.
   */
  private registerAnew(link: InterchangeLink, asked: number): void {
    if (this.isReturning) return;
    this.isReturning = true;
    const { parts, undelivered } = this;
    const tasks = [...parts.holdings(), ...undelivered.tasks()];
    parts.log.warn('registering anew', { tasks: tasks.length });
    const delivered = undelivered.deliveredCount;
    link.clear();
    link.send(registerMessage(parts.introduce(), { asked, runId: this.runId ?? '', delivered, tasks }));
    link.report(undelivered.all());
    if (this.isDraining) link.send([preamble(MessageType.drain)]);
  }

  private onWelcome(runId: string): void {
    this.runId ??= runId;
    if (this.isReturning) this.isAway = false;
    this.isReturning = false;
    if (this.isDraining) this.parts.emit({ type: 'drain' });
  }

  /** Also while the pool is ending for another reason, and before it waits. */
  private desert(end: PoolEnd): void {
    this.isDeserted = true;
    this.whenDelivered?.();
    this.parts.ended(end);
  }
}
