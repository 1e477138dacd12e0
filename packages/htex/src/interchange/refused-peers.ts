import { REFUSALS, type Refusal } from './refusal.js';

/** Addresses that are remembered, and so told of one by one. */
const MOST_ADDRESSES = 1000;
/** Addresses that an account names. */
const NAMED = 10;
/** So many peers that merely leave are worth an account. */
const MANY_LEFT = 100;

/** What the log is told of a peer, once. */
export interface RefusedPeer {
  /** `undefined`: it had gone before it could be seen. */
  readonly address: string | undefined;
  readonly reason: string;
}

/** What was refused since the last account. */
export interface RefusalAccount {
  readonly attempts: number;
  readonly reasons: Readonly<Partial<Record<Refusal, number>>>;
  readonly addresses: readonly string[];
  /** Further addresses, as far as they are remembered. */
  readonly others: number;
}

/**
 * Whom the interchange has refused: tells of each address once, and counts the rest. However many peers there are and
 * however often they try, what it keeps is bounded.
 */
export class RefusedPeers {
  /** Addresses that have been told. */
  private readonly told = new Set<string>();
  /** Reasons for refusals whose peers have not been found yet. */
  private readonly unnamed = new Set<Refusal>();
  private toldUnseen = false;
  private counts = new Map<Refusal, number>();
  private recent = new Set<string>();
  private lines = 0;

  /** Whether peers have been refused whose addresses are to be {@link found}. */
  get seeks(): boolean {
    return this.unnamed.size > 0;
  }

  /** A connection was refused. Tells of the peer if its address is known, and new. */
  refused(refusal: Refusal, address?: string): RefusedPeer[] {
    this.counts.set(refusal, (this.counts.get(refusal) ?? 0) + 1);
    if (address !== undefined) return this.tell(address, REFUSALS[refusal]);
    if (refusal !== 'left') this.unnamed.add(refusal);
    return [];
  }

  /** Connections from these addresses have been closed since the last time: the refused ones are among them. */
  found(addresses: Iterable<string>): RefusedPeer[] {
    const reason = [...this.unnamed].map((refusal) => REFUSALS[refusal]).join('; or ');
    const peers: RefusedPeer[] = [];
    let some = false;
    for (const address of addresses) {
      some = true;
      peers.push(...this.tell(address, reason));
    }
    if (some) this.unnamed.clear();
    return peers;
  }

  /** Nothing more will be {@link found} of what was refused until now. */
  giveUp(): RefusedPeer[] {
    if (!this.seeks) return [];
    const reason = [...this.unnamed].map((refusal) => REFUSALS[refusal]).join('; or ');
    this.unnamed.clear();
    if (this.toldUnseen) return [];
    this.toldUnseen = true;
    this.lines++;
    return [{ address: undefined, reason }];
  }

  /** What was refused since the last call and not told one by one; `undefined`: nothing. */
  account(): RefusalAccount | undefined {
    const left = this.counts.get('left') ?? 0;
    const all = [...this.counts.values()].reduce((sum, count) => sum + count, 0);
    const isWorth = all - left > this.lines || left >= MANY_LEFT;
    const account = {
      attempts: all,
      reasons: Object.fromEntries(this.counts),
      addresses: [...this.recent].slice(0, NAMED),
      others: Math.max(0, this.recent.size - NAMED),
    };
    this.counts = new Map();
    this.recent = new Set();
    this.lines = 0;
    return isWorth ? account : undefined;
  }

  private tell(address: string, reason: string): RefusedPeer[] {
    if (this.recent.size < MOST_ADDRESSES) this.recent.add(address);
    if (this.told.has(address) || this.told.size >= MOST_ADDRESSES) return [];
    this.told.add(address);
    this.lines++;
    return [{ address, reason }];
  }
}
