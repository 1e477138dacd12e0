/** Variables that say something of one host, or of the session that a script was started from. Patterns of a shell. */
const OF_ONE_HOST = [
  ...['_', 'SHLVL', 'PWD', 'OLDPWD', 'HOST', 'HOSTNAME', 'TMPDIR', 'TMP', 'TEMP'],
  ...[
    'DISPLAY',
    'XAUTHORITY',
    'XDG_RUNTIME_DIR',
    'XDG_SESSION_*',
    'DBUS_SESSION_BUS_ADDRESS',
    'SSH_*',
    'KRB5CCNAME',
  ],
];

/** Variables in which a scheduler says what a job has on a node, the devices that are its own included. */
const OF_THE_SCHEDULER = [
  ...['SLURM*', 'PBS_*', 'SGE_*', 'PE_HOSTFILE', 'PMI_*', 'PMIX_*'],
  ...[
    'CUDA_VISIBLE_DEVICES',
    'GPU_DEVICE_ORDINAL',
    'HIP_VISIBLE_DEVICES',
    'ROCR_VISIBLE_DEVICES',
    'ZE_AFFINITY_MASK',
  ],
];

/** What worker pools heed of Slurm's variables. It is the same on every node. */
const OF_THE_JOB = ['SLURM_JOB_END_TIME', 'SLURM_MEM_PER_NODE'];

/**
 * Bash that sets the array `parsl_carried` to the names of the variables that a job script has exported, exported functions
 * included, and that copies on other nodes are to have: all but those that belong to a host, or that the scheduler sets
 * for each node.
 */
export const CARRIED_NAMES = `parsl_carried=()
while IFS='=' read -r -d '' parsl_name _; do
  case $parsl_name in
    ${OF_THE_JOB.join(' | ')}) ;;
    ${OF_ONE_HOST.join(' | ')}) continue ;;
    ${OF_THE_SCHEDULER.join(' | ')}) continue ;;
  esac
  parsl_carried+=("$parsl_name")
done < <(env -0)
`;

/**
 * Bash, after {@link CARRIED_NAMES}, that writes bash to its standard output: what exports those variables with their values,
 * and the functions, once it is run outside of any function. It may hold a secret: it is for a file that nobody else can
 * read, or for standard input, and not for an argument. `set -x` does not show it. Names that are none for bash are left out.
 */
export const CARRIED_DECLARATIONS = `{ declare -p "\${parsl_carried[@]}" || :; export -pf; } 2>/dev/null`;
