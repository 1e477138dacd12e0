import { lookup } from 'node:dns/promises';
import { isIPv4 } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';

import { InterchangeStartError } from './errors.js';

/** Where the interchange listens, and where pools look for it. */
export interface InterchangeAddresses {
  /** IPv4 addresses of this host, or `*`. */
  readonly listen: readonly string[];
  /** Addresses and names that pools try. */
  readonly pools: readonly string[];
}

/** Where the user wants the interchange to listen. */
export interface WantedAddresses {
  /** The option that says so, for errors. */
  readonly option: 'address' | 'loopbackAddress';
  /** Addresses or names of this host, or `*`. */
  readonly addresses: readonly string[];
}

/** What is known of the network. */
export interface Network {
  /** IPv4 addresses of this host but loopback ones. */
  readonly external: () => readonly string[];
  readonly hostname: () => string;
  /** IPv4 address of a name. Rejects when it has none. */
  readonly resolve: (name: string) => Promise<string>;
}

const THIS_NETWORK: Network = {
  external: () =>
    Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      .map(({ address }) => address),
  hostname,
  resolve: async (name) => (await lookup(name, { family: 4 })).address,
};

/**
 * Finds out where to listen.
 *
 * @param executor Label of the executor, for the error.
 * @throws InterchangeStartError when a name is not known
 */
export async function findAddresses(
  executor: string,
  wanted: WantedAddresses,
  network: Network = THIS_NETWORK,
): Promise<InterchangeAddresses> {
  const listen = new Set<string>();
  const pools = new Set<string>();
  for (const address of wanted.addresses) {
    if (address === '*' || address === '0.0.0.0') {
      listen.add('*');
      for (const found of network.external()) pools.add(found);
      pools.add(network.hostname());
    } else {
      listen.add(isIPv4(address) ? address : await localAddress(executor, wanted.option, address, network));
      pools.add(address);
    }
  }
  return { listen: listen.has('*') ? ['*'] : [...listen], pools: [...pools] };
}

/** Many hosts know themselves by a loopback address, at which nobody else reaches them. */
async function localAddress(
  executor: string,
  option: WantedAddresses['option'],
  name: string,
  network: Network,
): Promise<string> {
  try {
    const address = await network.resolve(name);
    return address.startsWith('127.') && name !== 'localhost' ? '*' : address;
  } catch (cause) {
    throw new InterchangeStartError(
      executor,
      `no IPv4 address is known for '${name}'; give an IPv4 address of this host, or a name that it knows itself by`,
      { option, cause },
    );
  }
}
