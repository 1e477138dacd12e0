/** What {@link supervise} is told. */
export interface Supervision {
  /** A line of bash that can be put into the background. Started once for each copy. */
  readonly start: string;
  readonly copies: number;
  /** The job fails when more copies than this have failed. */
  readonly tolerated: number;
  /**
   * Who gets the signals: `group`, the commands themselves and all that they started; `launcher`, a program that hands
   * them on and knows how to end by SIGTERM only.
   */
  readonly signals: 'group' | 'launcher';
  /** Lines of bash that run at the end, and may change `parsl_exit_code`. */
  readonly finish?: string;
}

/**
 * Bash that starts copies, passes signals on, waits for every copy, and exits with the code of the first one that failed.
 *
 * `wait` returns early when a trap has run, and then tells nothing about the copy, hence the inner loop. Background
 * commands of a script ignore SIGINT, hence SIGTERM for it. A signal that comes while copies are being started is passed
 * on when all are there.
 */
export function supervise({ start, copies, tolerated, signals, finish = '' }: Supervision): string {
  return `parsl_copies=()
parsl_signalled=
${signals === 'group' ? PASS_ON_TO_GROUP : PASS_ON_TO_LAUNCHER}
for ((parsl_copy = 0; parsl_copy < ${String(copies)}; parsl_copy++)); do
  ${start} &
  parsl_copies+=("$!")
done
[ -z "$parsl_signalled" ] || kill -s "$parsl_signalled" "\${parsl_copies[@]}" 2>/dev/null
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
[ "$parsl_failures" -gt ${String(tolerated)} ] || parsl_exit_code=0
${finish}exit "$parsl_exit_code"
`;
}

/** To the whole process group if the script leads one; a group that somebody else leads is not the script's to signal. */
const PASS_ON_TO_GROUP = `parsl_traps() {
  trap 'parsl_pass_on TERM' TERM INT
  trap 'parsl_pass_on HUP' HUP
  trap 'parsl_pass_on USR1' USR1
  trap 'parsl_pass_on USR2' USR2
}
parsl_pass_on() {
  parsl_signalled=$1
  trap '' "$1"
  kill -s "$1" -- "-$$" 2>/dev/null || kill -s "$1" "\${parsl_copies[@]}" 2>/dev/null
  parsl_traps
}
parsl_traps`;

const PASS_ON_TO_LAUNCHER = `parsl_pass_on() {
  parsl_signalled=$1
  kill -s "$1" "\${parsl_copies[@]}" 2>/dev/null
}
trap 'parsl_pass_on TERM' TERM INT HUP
trap 'parsl_pass_on USR1' USR1
trap 'parsl_pass_on USR2' USR2`;
