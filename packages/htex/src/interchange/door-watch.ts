import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';

import type { Event, Observer } from 'zeromq';

import type { JsonLog } from './json-log.js';
import { addressOf, peerConnections, peerConnectionsNow, type PeerConnections } from './peer-connections.js';
import { refusalOf } from './refusal.js';
import { RefusedPeers, type RefusedPeer } from './refused-peers.js';

/** How often the connections are looked at, at most and at least while somebody is sought, in ms. */
const LOOK_MS = { soonest: 100, latest: 5000 };
/** How much longer the pause is than the look itself took, which may be many ms: the system goes through all it has. */
const PAUSE_PER_LOOK = 50;
/** How often everything else waits for a look, in ms, and for how long at most. */
const LOOK_NOW_MS = { pause: 2000, most: 20 };
/** Looks in which a refused peer may show up. */
const LOOKS = 3;
/** How the connections to a port are seen. */
const LOOKS_AT_SYSTEM = { now: peerConnectionsNow, soon: peerConnections };
/** How often refusals are summed up, in ms. */
const ACCOUNT_MS = 60_000;
/** After how many events in a row others get their turn. */
const EVENTS_PER_TURN = 64;

/**
 * Watches who is refused, and has the log tell of it: each address once, with the reason, and an account each minute while
 * there are more. ZeroMQ tells the address of a peer only to the authenticator; that of all others is looked up among the
 * connections of the system, where a refused one is seen when it comes, or up to a minute later as closed by this side.
 */
export class DoorWatch {
  private readonly log: JsonLog;
  private readonly looks: typeof LOOKS_AT_SYSTEM;
  private readonly peers = new RefusedPeers();
  private readonly welcomed = new Set<string>();
  private port = 0;
  private before: PeerConnections = { open: new Set(), closed: new Set() };
  /** Whose connections were gone at the last look, and at the one before it. */
  private suspects: [ReadonlySet<string>, ReadonlySet<string>] = [new Set(), new Set()];
  /** Connections that broke without a word of ZeroMQ's why, less those of pools: now, and at the last look. */
  private unexplained = 0;
  private unexplainedBefore = 0;
  /** Reasons of connections that are about to break. */
  private explained = 0;
  private looksLeft = 0;
  private nextLook = 0;
  private nextLookNow = 0;
  private lookTookMs = 0;
  private lookTimer: NodeJS.Timeout | undefined;
  private isLooking = false;
  private accountTimer: NodeJS.Timeout | undefined;

  constructor(log: JsonLog, looks = LOOKS_AT_SYSTEM) {
    this.log = log;
    this.looks = looks;
  }

  /** The authenticator has let in somebody at this address. */
  readonly onWelcomed = (address: string): void => {
    this.welcomed.add(address);
  };

  /** The authenticator has refused somebody at this address. */
  readonly onUnknownKey = (address: string): void => {
    this.tell(this.peers.refused('unknownKey', address));
    this.planAccount();
  };

  /** The connection of a pool has ended, which had been let in. */
  readonly onPoolGone = (): void => {
    this.unexplained--;
  };

  /** Watches the connections to `port`, until the socket is closed. */
  async watch(events: Observer, port: number): Promise<void> {
    this.port = port;
    let count = 0;
    for await (const event of events) {
      this.take(event);
      if (++count % EVENTS_PER_TURN === 0) await setImmediate();
    }
    clearTimeout(this.lookTimer);
    clearTimeout(this.accountTimer);
  }

  private take(event: Event): void {
    if (event.type === 'accept') return this.lookAtOnce();
    if (event.type === 'disconnect') return this.broke();
    if (event.type === 'accept:error') {
      return this.log.write('error', 'a connection could not be accepted', { reason: event.error.message });
    }
    const refusal = refusalOf(event);
    // ZeroMQ tells why before it tells that a connection has ended; those of others may come in between.
    if (refusal !== undefined || event.type === 'handshake:error:auth') this.explained++;
    if (refusal === undefined) return;
    this.peers.refused(refusal);
    if (this.peers.seeks) this.seek();
    this.planAccount();
  }

  private broke(): void {
    // A pool, or somebody who does not know how to begin.
    if (this.explained > 0) this.explained--;
    else this.unexplained++;
    if (this.unexplained > 0) this.seek();
  }

  /** Whoever comes with nonsense is gone a moment later. */
  private lookAtOnce(): void {
    const begin = performance.now();
    if (begin < this.nextLookNow || this.lookTookMs > LOOK_NOW_MS.most || this.isLooking) return;
    this.nextLookNow = begin + LOOK_NOW_MS.pause;
    this.note(this.looks.now(this.port), begin);
  }

  private seek(): void {
    this.looksLeft = LOOKS;
    this.planLook();
  }

  private planLook(): void {
    if (this.lookTimer !== undefined || this.isLooking) return;
    this.lookTimer = setTimeout(() => void this.lookSoon(), Math.max(1, this.nextLook - performance.now()));
    this.lookTimer.unref();
  }

  private async lookSoon(): Promise<void> {
    this.lookTimer = undefined;
    this.isLooking = true;
    const begin = performance.now();
    this.note(await this.looks.soon(this.port), begin);
    this.isLooking = false;
    this.countUnexplained();
    if (this.peers.seeks) this.tell(this.peers.found(new Set([...this.suspects[0], ...this.suspects[1]])));
    this.looksLeft--;
    if (this.looksLeft > 0) this.planLook();
    else this.tell(this.peers.giveUp());
  }

  private note(connections: PeerConnections | undefined, begin: number): void {
    this.lookTookMs = performance.now() - begin;
    const pauseMs = Math.min(LOOK_MS.latest, PAUSE_PER_LOOK * this.lookTookMs);
    this.nextLook = performance.now() + Math.max(LOOK_MS.soonest, pauseMs);
    if (connections === undefined) return;
    this.suspects = [this.gone(this.before, connections), this.suspects[0]];
    this.before = connections;
  }

  /** Twice in a row above zero: what a pool's end is told by may come a little later than that it has ended. */
  private countUnexplained(): void {
    const sure = Math.max(0, Math.min(this.unexplained, this.unexplainedBefore));
    for (let count = 0; count < sure; count++) this.peers.refused('notZeroMq');
    this.unexplained -= sure;
    this.unexplainedBefore = this.unexplained;
    if (sure > 0) this.planAccount();
  }

  private gone(before: PeerConnections, now: PeerConnections): Set<string> {
    const found = new Set<string>();
    for (const peer of now.closed) if (!before.closed.has(peer)) found.add(addressOf(peer));
    for (const peer of before.open) {
      if (now.open.has(peer) || now.closed.has(peer)) continue;
      const address = addressOf(peer);
      if (!this.welcomed.has(address)) found.add(address);
    }
    return found;
  }

  private planAccount(): void {
    this.accountTimer ??= setTimeout(() => {
      this.accountTimer = undefined;
      const account = this.peers.account();
      if (account !== undefined) this.log.write('warn', 'refused connections, in a minute', { ...account });
    }, ACCOUNT_MS).unref();
  }

  private tell(peers: readonly RefusedPeer[]): void {
    for (const { address, reason } of peers) {
      this.log.write('warn', 'refused a connection', {
        address: address ?? 'gone before it was seen',
        reason,
      });
    }
  }
}
