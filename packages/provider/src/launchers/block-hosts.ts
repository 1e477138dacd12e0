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
