import type { LaunchRequest } from '../launcher.js';
import { shellCommand, shellQuote } from '../shell-quote.js';
import { BLOCK_HOSTS } from './block-hosts.js';
import { CARRIED_NAMES } from './carried-environment.js';
import { reportedCopy, superviseReported } from './reported-copy.js';

/** How an MPI program is to start copies. */
export interface MpiLaunch {
  /** `mpiexec` or `mpirun`. */
  readonly program: string;
  /** Name of its option that says what processes are bound to. */
  readonly bindOption: string;
  readonly overrides: readonly string[];
}

/**
 * Bash that runs copies with an MPI launcher, which is Open MPI's or one that takes Hydra's options. Hydra and its
 * relatives know the nodes of PBS and Slurm, and hand the environment on. Open MPI has to be told the nodes unless it was
 * built for the scheduler, and hands on only what it is told by name. Either would bind a worker pool to one core.
 */
export function mpiFragment(
  { program, bindOption, overrides }: MpiLaunch,
  { command, tasksPerNode, nodesPerBlock }: LaunchRequest,
): string {
  const copies = String(tasksPerNode * nodesPerBlock);
  const perNode = String(tasksPerNode);
  const options = shellCommand([bindOption, 'none', '-n', copies]);
  const more = [...overrides.map(shellQuote), reportedCopy(command)].join(' ');
  return `${BLOCK_HOSTS}${CARRIED_NAMES}case $(${program} --version 2>&1) in
  *'Open MPI'* | *OpenRTE*)
    if [ -n "\${SLURM_JOB_ID-}" ]; then
      parsl_options=(--map-by 'ppr:${perNode}:node')
    elif [ \${#parsl_hosts[@]} -eq 0 ]; then
      parsl_options=(--host 'localhost:${copies}')
    else
      parsl_hosts=("\${parsl_hosts[@]/%/:${perNode}}")
      parsl_options=(--host "$(IFS=, && echo "\${parsl_hosts[*]}")")
    fi
    ${handOn(overrides)}
    ;;
  *)
    parsl_options=(--ppn ${perNode})
    [ -z "\${PE_HOSTFILE-}" ] || parsl_options+=(--host "$(IFS=, && echo "\${parsl_hosts[*]}")")
    ;;
esac
${superviseReported(`${program} ${options} "\${parsl_options[@]}" ${more}`)}`;
}

/** The variable with Open MPI's list of variables to hand on. */
const LIST = 'OMPI_MCA_mca_base_env_list';

/**
 * Bash that tells Open MPI by name what it is to hand on, beyond what it is told already. It takes names with `-x`, or in a
 * list, and not both. Of two that are the same, version 4 obeys the last and version 5 the first.
 */
function handOn(overrides: readonly string[]): string {
  const told = overrides
    .filter((_, index) => overrides[index - 1] === '-x')
    .map((arg) => arg.split('=', 1)[0]);
  return `parsl_told=${shellQuote([LIST, ...told, ''].join(';'))}\${${LIST}-}
    for parsl_name in "\${parsl_carried[@]}"; do
      case ";$parsl_told;" in
        *";$parsl_name;"* | *";$parsl_name="*) continue ;;
      esac
      if [ -n "\${${LIST}-}" ]; then
        export ${LIST}+=";$parsl_name"
      else
        parsl_options+=(-x "$parsl_name")
      fi
    done`;
}
