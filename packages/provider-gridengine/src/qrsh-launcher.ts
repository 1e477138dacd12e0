import {
  boolean,
  CARRIED_DECLARATIONS,
  CARRIED_NAMES,
  checkOptions,
  shellQuote,
  SingleNodeLauncher,
  type Launcher,
  type LaunchRequest,
  type SchemaOf,
} from '@parsl-ts/provider';

/** Options of {@link QrshLauncher}. */
export interface QrshLauncherOptions {
  /**
   * `true`: the job fails if any copy fails. `false`: only if all do. Either way it waits for all of them.
   *
   * @default false
   */
  readonly failOnAny?: boolean;
}

const SCHEMA = { failOnAny: boolean({ default: false }) } satisfies SchemaOf<QrshLauncherOptions>;

/**
 * Runs the copies on every host of a block with Grid Engine's own `qrsh -inherit`: neither MPI nor ssh is needed, but a
 * parallel environment with `control_slaves TRUE`. What the job's environment has at the end of the script reaches them in
 * a file of the script directory that only its user can read.
 */
export class QrshLauncher implements Launcher {
  readonly label = 'qrsh';
  readonly #failOnAny: boolean;

  /** @throws ConfigurationError for an unknown option or a wrong value */
  constructor(options: QrshLauncherOptions = {}) {
    this.#failOnAny = checkOptions('QrshLauncher', options, SCHEMA).failOnAny;
  }

  fragment({ nodesPerBlock, ...request }: LaunchRequest): string {
    const copies = new SingleNodeLauncher({ failOnAny: this.#failOnAny });
    const path = shellQuote(`${request.scriptDir}/${request.name}.host`);
    // On the other host a shell reads once more what qrsh is given. The first host is this one, and may have no slot left for
    // a task of qrsh. The copies of a SingleNodeLauncher have numbers: here, each is a host.
    return `mapfile -t parsl_hosts < <(awk '!seen[$1]++ { print $1 }' "$PE_HOSTFILE")
${CARRIED_NAMES}(
  umask 077
  { ${CARRIED_DECLARATIONS}; printf %s ${shellQuote(copies.fragment({ ...request, nodesPerBlock: 1 }))}; } >${path}
) || exit
trap 'rm -f -- '${shellQuote(path)} EXIT
parsl_start() {
  [ "$1" -gt 0 ] || exec /bin/bash ${path}
  exec "$SGE_BINARY_PATH/qrsh" -inherit -nostdin "\${parsl_hosts[$1]}" /bin/bash ${shellQuote(path)}
}
${copies.fragment({ ...request, command: 'parsl_start "$parsl_copy"', tasksPerNode: nodesPerBlock, nodesPerBlock: 1 })}`;
  }
}
