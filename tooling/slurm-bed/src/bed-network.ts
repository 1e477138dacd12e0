import { networkInterfaces } from 'node:os';

/** Who has which address on a bed's own network, `10.x.y.0/24`. */
export class BedNetwork {
  /** The first three numbers of every address, with the dot: `10.201.7.`. */
  readonly prefix: string;

  constructor(prefix: string) {
    this.prefix = prefix;
  }

  /** A network that no interface of this machine has an address in. */
  static free(random: () => number = Math.random): BedNetwork {
    const taken = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .map(({ address }) => address);
    for (;;) {
      const prefix = `10.${128 + Math.floor(random() * 127)}.${Math.floor(random() * 256)}.`;
      if (!taken.some((address) => address.startsWith(prefix))) return new BedNetwork(prefix);
    }
  }

  /** Name of this machine's interface in it. */
  get link(): string {
    return `bed-${this.prefix.slice('10.'.length, -1)}`;
  }

  /** Of this machine, where jobs are submitted. */
  get submitHost(): string {
    return `${this.prefix}1`;
  }

  /** Of the host that runs the controller and the database. */
  get head(): string {
    return `${this.prefix}2`;
  }

  /** @param index of the first node: 1 */
  node(index: number): string {
    return `${this.prefix}${10 + index}`;
  }
}
