import { setTimeout as delay } from 'node:timers/promises';

import type { Router } from 'zeromq';

import { BindError } from './bind-error.js';

/** How often a port is tried that may soon be free, in ms. */
const AGAIN_MS = 100;

/** Where to listen. */
export interface ListenRequest {
  readonly listen: readonly string[];
  /** The option that says so. */
  readonly listenOption: string;
  readonly port: number | undefined;
  readonly portRange: readonly [number, number];
  /**
   * How long `port` may still be in use, in ms.
   *
   * @default 0
   */
  readonly portPatienceMs?: number;
}

/**
 * Binds a socket to one port on all the addresses: the port asked for, or a free one of the range.
 *
 * @returns the port
 * @throws BindError when the port is busy, the range has none that is free, or an address is not one of this host
 */
export async function listen(
  socket: Pick<Router, 'bind' | 'unbind'>,
  request: ListenRequest,
  random: () => number,
): Promise<number> {
  if (request.port !== undefined) {
    const busy = await tryPatiently(socket, request, request.port);
    if (busy === undefined) return request.port;
    throw new BindError(
      'workerPort',
      `port ${request.port} is in use on ${busy}; leave 'workerPort' out to take a free one, or name another`,
    );
  }
  const [first, last] = request.portRange;
  const size = last - first + 1;
  const start = Math.floor(random() * size);
  for (let step = 0; step < size; step++) {
    const port = first + ((start + step) % size);
    if ((await tryPort(socket, request, port)) === undefined) return port;
  }
  throw new BindError(
    'workerPortRange',
    `no port from ${first} to ${last} is free on ${request.listen.join(', ')}; widen 'workerPortRange'`,
  );
}

/** The same as {@link tryPort}, again and again while the port is busy and there is time. */
async function tryPatiently(
  socket: Pick<Router, 'bind' | 'unbind'>,
  request: ListenRequest,
  port: number,
): Promise<string | undefined> {
  for (const end = performance.now() + (request.portPatienceMs ?? 0); ;) {
    const busy = await tryPort(socket, request, port);
    if (busy === undefined || performance.now() >= end) return busy;
    await delay(AGAIN_MS);
  }
}

/** Binds all addresses or none. Returns the address on which the port is busy, if one is. */
async function tryPort(
  socket: Pick<Router, 'bind' | 'unbind'>,
  { listen: addresses, listenOption }: ListenRequest,
  port: number,
): Promise<string | undefined> {
  const bound: string[] = [];
  for (const address of addresses) {
    const endpoint = `tcp://${address}:${port}`;
    try {
      await socket.bind(endpoint);
      bound.push(endpoint);
    } catch (error) {
      for (const done of bound) await socket.unbind(done);
      const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
      if (code === 'EADDRINUSE') return address;
      if (code === 'EACCES') {
        throw new BindError('workerPort', `port ${port} may not be opened by this user`, error);
      }
      throw new BindError(
        listenOption,
        `cannot listen on '${address}' (${String(code)}): it is not an address of this host; ` +
          `set '${listenOption}' to one that is, or leave it out`,
        error,
      );
    }
  }
  return undefined;
}
