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

/** Options of {@link PbsdshLauncher}. */
export interface PbsdshLauncherOptions {
  /**
   * `true`: the job fails if the copies of any node fail. `false`: only if those of all nodes do. Either way it waits for
   * all of them.
   *
   * @default false
   */
  readonly failOnAny?: boolean;
}

const SCHEMA = { failOnAny: boolean({ default: false }) } satisfies SchemaOf<PbsdshLauncherOptions>;

/**
 * Runs the copies on every node of a PBS job with PBS's own `pbsdsh`: neither MPI nor ssh is needed. PBS starts a program
 * on another node without the environment of the script; it is handed on in a file of the script directory that only its
 * owner can read. So all nodes must see that directory.
 */
export class PbsdshLauncher implements Launcher {
  readonly label = 'pbsdsh';
  readonly carriesSecrets = true;
  readonly #failOnAny: boolean;

  /** @throws ConfigurationError for an unknown option or a wrong value */
  constructor(options: PbsdshLauncherOptions = {}) {
    this.#failOnAny = checkOptions('PbsdshLauncher', options, SCHEMA).failOnAny;
  }

  fragment(request: LaunchRequest): string {
    const directory = `${request.scriptDir}/${request.name}.nodes`;
    return runOnNodes(shellQuote(directory), shellQuote(onNode(request)), this.#failOnAny);
  }
}

/** What each node runs, with the directory as its name. The variables that PBS sets there are the node's own. */
function onNode(request: LaunchRequest): string {
  const copies = new SingleNodeLauncher().fragment({ ...request, nodesPerBlock: 1 });
  return `if ! . "$0/environment"; then
  echo "parsl: $(uname -n) does not see $0. PbsdshLauncher needs a run directory that all nodes share" >&2
  exit 1
fi
cd -- "$PWD" || cd
${copies}`;
}

const NO_NODEFILE =
  'it is not set, and PbsdshLauncher needs the list of nodes that it names. Give the provider another launcher';

/**
 * One `pbsdsh` for each node, by the first of its lines in $PBS_NODEFILE. It ends with 0 whatever it runs, and writes
 * the exit status if that is another one, with 256 added to a signal's number. SIGTERM and SIGHUP it hands on.
 */
function runOnNodes(directory: string, program: string, failOnAny: boolean): string {
  return `parsl_directory=${directory}
parsl_program=${program}
mkdir -m 700 -- "$parsl_directory" || exit
trap 'rm -rf -- "$parsl_directory"' EXIT
${CARRIED_NAMES}{
  ${CARRIED_DECLARATIONS}
  declare -p PWD
} >"$parsl_directory/environment" || exit
parsl_nodes=()
parsl_indices=()
parsl_pids=()
parsl_signalled=
parsl_pass_on() {
  parsl_signalled=yes
  kill -s "$1" "\${parsl_pids[@]}" 2>/dev/null
}
trap '' USR1 USR2
trap 'parsl_pass_on TERM' TERM INT
trap 'parsl_pass_on HUP' HUP
mapfile -t parsl_slots <"\${PBS_NODEFILE:?${NO_NODEFILE}}" || exit
for parsl_index in "\${!parsl_slots[@]}"; do
  parsl_node=\${parsl_slots[parsl_index]}
  [[ " \${parsl_nodes[*]} " != *" $parsl_node "* ]] || continue
  pbsdsh -n "$parsl_index" -- /bin/bash -c "$parsl_program" "$parsl_directory" >"$parsl_directory/$parsl_index" &
  parsl_nodes+=("$parsl_node")
  parsl_indices+=("$parsl_index")
  parsl_pids+=("$!")
done
parsl_failures=0
parsl_exit_code=0
for parsl_node in "\${!parsl_pids[@]}"; do
  parsl_signalled=yes
  while [ -n "$parsl_signalled" ]; do
    parsl_signalled=
    wait "\${parsl_pids[parsl_node]}"
    parsl_status=$?
  done
  if [[ $(<"$parsl_directory/\${parsl_indices[parsl_node]}") =~ 'exit status '([0-9]+) ]]; then
    parsl_status=\${BASH_REMATCH[1]}
    [ "$parsl_status" -lt 256 ] || parsl_status=$((parsl_status - 128))
  fi
  if [ "$parsl_status" -ne 0 ]; then
    parsl_failures=$((parsl_failures + 1))
    [ "$parsl_exit_code" -ne 0 ] || parsl_exit_code=$parsl_status
  fi
done
[ "$parsl_failures" -gt ${failOnAny ? '0' : '$((${#parsl_pids[@]} - 1))'} ] || parsl_exit_code=0
exit "$parsl_exit_code"
`;
}
