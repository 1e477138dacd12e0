import { connect } from 'node:net';

import { type Observer } from 'zeromq';

import { type PoolLog } from './pool-log.js';

/** How often to look whether the interchange's port is closed once the connection has gone, in ms. */
const LOOK_EVERY_MS = 250;
/** For how long the port is closed before the interchange is taken for gone, in ms: one that died is started again there. */
const GONE_MS = 20_000;
/** This process was stopped or blocked itself if a period takes so many times as long. */
const LATE = 2;

/**
 * Tells the interchange that this pool is there, and finds out when the interchange is not: by a long silence, or, much
 * sooner, by a connection that breaks and a host that then refuses new ones.
 */
export class Liveness {
  private readonly parts: {
    readonly address: string;
    readonly events: Observer;
    readonly periodMs: number;
    readonly thresholdMs: number;
    beat(): void;
    disconnected(): void;
    /** The connection broke, and is back. */
    reconnected(): void;
    lost(reason: string): void;
    readonly log: PoolLog;
  };
  private readonly goneMs: number;
  private readonly heartbeat: NodeJS.Timeout;
  private looking: NodeJS.Timeout | undefined;
  private refusedSince: number | undefined;
  private lastHeard = performance.now();
  private lastPeriod = performance.now();
  private stopped = false;

  constructor(parts: Liveness['parts'], goneMs = GONE_MS) {
    this.parts = parts;
    this.goneMs = goneMs;
    this.heartbeat = setInterval(() => this.onPeriod(), parts.periodMs);
    parts.events.on('disconnect', () => this.onDisconnect());
    parts.events.on('handshake', () => this.onHandshake());
  }

  /** Any message of the interchange shows that it lives. */
  heard(): void {
    this.lastHeard = performance.now();
  }

  stop(): void {
    this.stopped = true;
    clearInterval(this.heartbeat);
    clearInterval(this.looking);
  }

  private onPeriod(): void {
    const { periodMs, thresholdMs } = this.parts;
    const now = performance.now();
    // What came meanwhile could not be heard.
    if (now - this.lastPeriod > LATE * periodMs) this.lastHeard = now;
    this.lastPeriod = now;
    if (now - this.lastHeard <= thresholdMs) return this.parts.beat();
    this.parts.lost(`the interchange has been silent for ${String(thresholdMs / 1000)} s`);
  }

  private onDisconnect(): void {
    if (this.stopped || this.looking !== undefined) return;
    this.parts.disconnected();
    this.parts.log.warn('the connection to the interchange broke; trying again', {
      address: this.parts.address,
    });
    this.refusedSince = undefined;
    this.looking = setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  /** The interchange should hear of it before it gives this pool's tasks up. */
  private onHandshake(): void {
    if (this.looking === undefined || this.stopped) return;
    clearInterval(this.looking);
    this.looking = undefined;
    this.heard();
    this.parts.reconnected();
  }

  private look(): void {
    const { hostname, port } = new URL(this.parts.address);
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) });
    socket.setTimeout(LOOK_EVERY_MS, () => socket.destroy());
    socket.on('connect', () => {
      this.refusedSince = undefined;
      socket.destroy();
    });
    socket.on('error', (error) => {
      const now = performance.now();
      if (Reflect.get(error, 'code') === 'ECONNREFUSED') this.refusedSince ??= now;
      else this.refusedSince = undefined;
      if (now - (this.refusedSince ?? now) >= this.goneMs && !this.stopped) {
        this.parts.lost(`the interchange is gone: ${this.parts.address} refuses connections`);
      }
    });
  }
}
