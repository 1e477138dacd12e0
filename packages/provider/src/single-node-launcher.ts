import { checkOptions, type SchemaOf } from './check-options.js';
import type { Launcher, LaunchRequest } from './launcher.js';
import { boolean } from './option-kinds.js';
import { isPlainCommand, shellQuote } from './shell-quote.js';
import { runOnce } from './simple-launcher.js';

/** Options of {@link SingleNodeLauncher}. */
export interface SingleNodeLauncherOptions {
  /**
   * `true`: the job fails if any copy fails. `false`: only if all do. Either way it waits for all of them.
   *
   * @default false
   */
  readonly failOnAny?: boolean;
}

const SCHEMA = { failOnAny: boolean({ default: false }) } satisfies SchemaOf<SingleNodeLauncherOptions>;

/**
 * Runs all copies on the node where the job script runs: `tasksPerNode` times `nodesPerBlock` of them. Waits for every
 * copy, whatever the others do, and passes `SIGTERM`, `SIGINT` (as `SIGTERM`), `SIGHUP`, `SIGUSR1` and `SIGUSR2` on. A
 * job that fails has the exit code of its first copy that failed.
 */
export class SingleNodeLauncher implements Launcher {
  readonly label = 'single-node';
  readonly carriesSecrets = true;
  readonly #failOnAny: boolean;

  /** @throws ConfigurationError for an unknown option or a wrong value */
  constructor(options: SingleNodeLauncherOptions = {}) {
    this.#failOnAny = checkOptions('SingleNodeLauncher', options, SCHEMA).failOnAny;
  }

  fragment({ command, tasksPerNode, nodesPerBlock }: LaunchRequest): string {
    const copies = tasksPerNode * nodesPerBlock;
    if (copies === 1 && isPlainCommand(command)) {
      return runOnce(command);
    }
    return runCopies(command, copies, this.#failOnAny ? '0' : String(copies - 1));
  }
}

/**
 * Signals go to the whole process group if the script leads one, which reaches what a compound command started; a group
 * that somebody else leads is not the script's to signal. `wait` returns early when a trap has run, and then tells
 * nothing about the copy, hence the inner loop. Background commands of a script ignore SIGINT, hence SIGTERM for it.
 */
function runCopies(command: string, copies: number, tolerated: string): string {
  const start = isPlainCommand(command) ? command : `eval ${shellQuote(command)}`;
  return `parsl_copies=()
parsl_signalled=
parsl_pass_on() {
  parsl_signalled=yes
  trap '' "$2"
  kill -s "$2" -- "-$$" 2>/dev/null || kill -s "$2" "\${parsl_copies[@]}" 2>/dev/null
  trap "parsl_pass_on $2 $2" "$2"
  trap "parsl_pass_on $1 $2" "$1"
}
trap 'parsl_pass_on TERM TERM' TERM
trap 'parsl_pass_on INT TERM' INT
trap 'parsl_pass_on HUP HUP' HUP
trap 'parsl_pass_on USR1 USR1' USR1
trap 'parsl_pass_on USR2 USR2' USR2
for ((parsl_copy = 0; parsl_copy < ${String(copies)}; parsl_copy++)); do
  ${start} &
  parsl_copies+=("$!")
done
parsl_failures=0
parsl_exit_code=0
for parsl_copy in "\${parsl_copies[@]}"; do
  parsl_signalled=yes
  while [ -n "$parsl_signalled" ]; do
    parsl_signalled=
    wait "$parsl_copy"
    parsl_status=$?
  done
  if [ "$parsl_status" -ne 0 ]; then
    parsl_failures=$((parsl_failures + 1))
    [ "$parsl_exit_code" -ne 0 ] || parsl_exit_code=$parsl_status
  fi
done
[ "$parsl_failures" -gt ${tolerated} ] || parsl_exit_code=0
exit "$parsl_exit_code"
`;
}
