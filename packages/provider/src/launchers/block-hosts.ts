import { BLOCK_END_VARIABLE, SECRET_VARIABLE } from '../contract.js';

/**
 * Bash that sets the array `parsl_hosts` to the hosts of the block, each once, as PBS and Grid Engine list them (a line
 * for each slot, or more words after the host) or Slurm. Empty where there is no list.
 */
export const BLOCK_HOSTS = `parsl_hosts=()
while read -r parsl_host _; do
  case " \${parsl_hosts[*]} " in
    *" $parsl_host "*) ;;
    *) parsl_hosts+=("$parsl_host") ;;
  esac
done < <(
  if [ -n "\${PBS_NODEFILE-}\${PE_HOSTFILE-}" ]; then
    cat "\${PBS_NODEFILE:-$PE_HOSTFILE}"
  elif [ -n "\${SLURM_JOB_NODELIST-}" ]; then
    scontrol show hostnames "$SLURM_JOB_NODELIST"
  fi
)
`;

/** What copies need of the environment of the job script, whatever else they find where they run. */
export const CARRIED_VARIABLES = [
  'JOBNAME',
  'PARSL_CORES',
  'PARSL_MEMORY_GB',
  SECRET_VARIABLE,
  BLOCK_END_VARIABLE,
  // What worker pools heed of Slurm's own.
  'SLURM_JOB_END_TIME',
  'SLURM_MEM_PER_NODE',
  'PATH',
  'LD_LIBRARY_PATH',
];
