import { randomUUID } from 'node:crypto';

import { type PoolKeys } from '@parsl-ts/wire';

import { connect, type Connection } from './connection.js';
import { PoolExit, WorkerPoolError } from '../pool-error.js';

/** Where and how an interchange may be reached. */
export interface InterchangeAddresses {
  /** `tcp://host:port` each. */
  readonly addresses: readonly string[];
  readonly keys: PoolKeys | undefined;
  /** How long to try, in ms. */
  readonly timeoutMs: number;
}

/**
 * Connects to the first of the addresses that answers. Only that one ever hears of `identity`: several addresses may
 * lead to the same interchange, where two connections of one name would be in each other's way.
 *
 * @throws WorkerPoolError when none answers in time, or the keys do not fit.
 */
export async function findInterchange(where: InterchangeAddresses, identity: string): Promise<Connection> {
  const { addresses, keys, timeoutMs } = where;
  const [only] = addresses;
  const address =
    addresses.length === 1 && only !== undefined ? only : await fastest(addresses, keys, timeoutMs);
  const connection = await connect(address, identity, keys);
  try {
    await within(timeoutMs, connection.handshake, () => unreachable(addresses, timeoutMs));
    return connection;
  } catch (error) {
    connection.socket.close();
    throw error;
  }
}

/** The address whose handshake is done first. */
async function fastest(
  addresses: readonly string[],
  keys: PoolKeys | undefined,
  timeoutMs: number,
): Promise<string> {
  const probes = await Promise.all(addresses.map((address) => connect(address, randomUUID(), keys)));
  let problem: unknown;
  const answers = probes.map(async ({ address, handshake }) => {
    await handshake.catch((error: unknown) => {
      problem ??= error;
      throw error;
    });
    return address;
  });
  const late = () => (problem instanceof WorkerPoolError ? problem : unreachable(addresses, timeoutMs));
  try {
    return await within(timeoutMs, Promise.any(answers), late);
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error;
  } finally {
    for (const { socket } of probes) socket.close();
  }
}

/** @throws What `late` makes, when `promise` takes longer. */
export async function within<T>(timeoutMs: number, promise: Promise<T>, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), timeoutMs);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

function unreachable(addresses: readonly string[], timeoutMs: number): WorkerPoolError {
  return new WorkerPoolError(
    'PARSL_POOL_UNREACHABLE',
    `no interchange answered at ${addresses.join(', ')} within ${String(timeoutMs / 1000)} s; ` +
      'check that the run is alive, that the address and port are those it printed, and that no firewall is in between',
    PoolExit.unreachable,
  );
}
