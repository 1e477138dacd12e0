import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';

/** Where Linux lists the connections of IPv4, which is what the interchange listens to. */
const TABLE = '/proc/self/net/tcp';

/** States of connections that this side has closed, the other side has not: FIN_WAIT1, FIN_WAIT2, TIME_WAIT, CLOSING. */
const CLOSED_HERE: ReadonlySet<string> = new Set(['04', '05', '06', '0B']);
const ESTABLISHED = '01';

/** The connections to a port: the peers, each as `address:port`. */
export interface PeerConnections {
  readonly open: ReadonlySet<string>;
  /** Closed by this side not more than a minute ago, as long as the system remembers. */
  readonly closed: ReadonlySet<string>;
}

/** In pieces: the table may have a hundred thousand lines, and nothing else is done while one piece is read. */
const PIECE_BYTES = 64 * 1024;

/** Looks at the connections to a local port; `undefined` where the system does not show them (only Linux does). */
export async function peerConnections(port: number): Promise<PeerConnections | undefined> {
  const reader = new ConnectionReader(port);
  try {
    await using table = await open(TABLE);
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    for (;;) {
      const { bytesRead } = await table.read(piece, 0, PIECE_BYTES);
      if (bytesRead === 0) return reader;
      reader.push(piece.toString('latin1', 0, bytesRead));
    }
  } catch {
    return undefined;
  }
}

/** The same at this very moment: who comes with nonsense is gone in the next. */
export function peerConnectionsNow(port: number): PeerConnections | undefined {
  const reader = new ConnectionReader(port);
  try {
    reader.push(readFileSync(TABLE, 'latin1'));
    return reader;
  } catch {
    return undefined;
  }
}

/** Reads the text of the table, piece by piece. */
export class ConnectionReader implements PeerConnections {
  readonly open = new Set<string>();
  readonly closed = new Set<string>();
  private readonly line: RegExp;
  private rest = '';

  constructor(port: number) {
    const local = port.toString(16).toUpperCase().padStart(4, '0');
    this.line = new RegExp(`^ *\\d+: [0-9A-F]{8}:${local} ([0-9A-F]{8}):([0-9A-F]{4}) ([0-9A-F]{2}) `, 'gm');
  }

  push(piece: string): void {
    const text = this.rest + piece;
    const end = text.lastIndexOf('\n') + 1;
    this.rest = text.slice(end);
    for (const [, address = '', port = '', state = ''] of text.slice(0, end).matchAll(this.line)) {
      if (CLOSED_HERE.has(state)) this.closed.add(peer(address, port));
      else if (state === ESTABLISHED) this.open.add(peer(address, port));
    }
  }
}

/** The address of a peer. */
export function addressOf(peer: string): string {
  return peer.slice(0, peer.indexOf(':'));
}

/** The kernel writes an address as the number that its four bytes are in memory, lowest byte first on all common machines. */
function peer(address: string, port: string): string {
  const bytes = [6, 4, 2, 0].map((at) => parseInt(address.slice(at, at + 2), 16));
  return `${bytes.join('.')}:${parseInt(port, 16)}`;
}
