import type { LaunchRequest } from '../launcher.js';
import { shellCommand, shellQuote } from '../shell-quote.js';
import { BLOCK_HOSTS, CARRIED_VARIABLES } from './block-hosts.js';
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
  return `${BLOCK_HOSTS}case $(${program} --version 2>&1) in
  *'Open MPI'* | *OpenRTE*)
    for parsl_name in ${CARRIED_VARIABLES.join(' ')}; do
      [ -z "\${!parsl_name+x}" ] ||
        export OMPI_MCA_mca_base_env_list="\${OMPI_MCA_mca_base_env_list:+$OMPI_MCA_mca_base_env_list;}$parsl_name"
    done
    if [ -n "\${SLURM_JOB_ID-}" ]; then
      parsl_placement=(--map-by 'ppr:${perNode}:node')
    elif [ \${#parsl_hosts[@]} -eq 0 ]; then
      parsl_placement=(--host 'localhost:${copies}')
    else
      parsl_hosts=("\${parsl_hosts[@]/%/:${perNode}}")
      parsl_placement=(--host "$(IFS=, && echo "\${parsl_hosts[*]}")")
    fi
    ;;
  *)
    parsl_placement=(--ppn ${perNode})
    [ -z "\${PE_HOSTFILE-}" ] || parsl_placement+=(--host "$(IFS=, && echo "\${parsl_hosts[*]}")")
    ;;
esac
${superviseReported(`${program} ${options} "\${parsl_placement[@]}" ${more}`)}`;
}
