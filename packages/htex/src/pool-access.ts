import { join } from 'node:path';

import type { Logger } from '@parsl-ts/core';
import { SECRET_VARIABLE } from '@parsl-ts/provider';
import { formatPoolSecret, parsePoolKeys, readPrivateFile } from '@parsl-ts/wire';

import type { WantedAddresses } from './addresses.js';
import type { HtexOptions } from './htex-options.js';
import { blockCommand, commandByHand, type KeySource, type PoolTarget } from './pool-command.js';

/** Where the pools of a run find its interchange, and what they need to be let in. */
export class PoolAccess {
  private readonly options: HtexOptions;
  private readonly directory: string;
  private readonly addresses: readonly string[];
  private readonly port: number;
  /** The keys, for blocks that carry them; `undefined`: not encrypted, or the blocks find a file. */
  readonly secret: string | undefined;

  private constructor(
    options: HtexOptions,
    place: { readonly directory: string; readonly addresses: readonly string[]; readonly port: number },
    secret: string | undefined,
  ) {
    this.options = options;
    this.directory = place.directory;
    this.addresses = place.addresses;
    this.port = place.port;
    this.secret = secret;
  }

  /**
   * The interchange listens at `port` and has stored the keys.
   *
   * @param place `directory`: the executor's own of the run; `addresses`: what pools try
   * @throws FileNotPrivateError when others can read the keys, or put others in their place
   */
  static of(
    options: HtexOptions,
    place: { readonly directory: string; readonly addresses: readonly string[]; readonly port: number },
  ): PoolAccess {
    const file = keyFileIn(options, place.directory);
    // Also where blocks read it themselves: later it might be too late to say so.
    const keys = file === undefined ? undefined : parsePoolKeys(readPrivateFile(file, 'the key file'));
    const carried = keys !== undefined && options.provider?.carriesSecrets === true;
    const secret = carried ? formatPoolSecret(keys) : undefined;
    return new PoolAccess(options, place, secret);
  }

  /** The line of `sh` that starts a pool by hand. */
  byHand(blockId: string, keyFile: string | undefined): string {
    const file = keyFile ?? keyFileIn(this.options, this.directory);
    return commandByHand(this.options, this.target(blockId, file === undefined ? undefined : { file }));
  }

  /** The line of `sh` that starts the pools of a block. Its keys are in the block's secret, if it has one. */
  inBlock(blockId: string): string {
    const file = keyFileIn(this.options, this.directory);
    const fromFile = file === undefined ? undefined : { file };
    const keys = this.secret === undefined ? fromFile : { variable: SECRET_VARIABLE };
    return blockCommand(this.options, this.target(blockId, keys));
  }

  private target(blockId: string, keys: KeySource | undefined): PoolTarget {
    const { addresses, port, directory } = this;
    const logDir = this.options.workerLogDir ?? (isLocal(this.options) ? directory : undefined);
    return { addresses, port, keys, blockId, logDir };
  }
}

/** The file with the keys of the pools in the executor's directory; `undefined`: not encrypted. */
export function keyFileIn(options: HtexOptions, directory: string): string | undefined {
  return options.encrypted ? join(directory, 'certificates', 'pool.json') : undefined;
}

/** Where the interchange is to listen. Without encryption, the log is told who can take part. */
export function wantedAddresses(options: HtexOptions, logger: Logger): WantedAddresses {
  const { addresses, loopbackAddress, encrypted, label } = options;
  const warn = (message: string) => {
    if (!encrypted) logger.warn({ executor: label }, `not encrypted: ${message}`);
  };
  if (addresses !== undefined) {
    warn(`everybody who reaches ${addresses.join(', ')} can read what tasks are given, and answer them`);
    return { option: 'address', addresses };
  }
  if (encrypted && !isLocal(options)) return { option: 'address', addresses: ['*'] };
  warn(
    `every user of this host can read what tasks are given, and answer them, at ${loopbackAddress}; pools on other hosts ` +
      "are not let in: set 'address' to let them in, and with them everybody who reaches it",
  );
  return { option: 'loopbackAddress', addresses: [loopbackAddress] };
}

/** Whether all blocks run on this host. */
function isLocal(options: HtexOptions): boolean {
  return options.provider?.onThisHost === true;
}
