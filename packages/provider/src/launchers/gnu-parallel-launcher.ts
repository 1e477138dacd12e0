import type { Launcher, LaunchRequest } from '../launcher.js';
import { shellQuote } from '../shell-quote.js';
import { BLOCK_HOSTS } from './block-hosts.js';
import { CARRIED_DECLARATIONS, CARRIED_NAMES } from './carried-environment.js';
import { reportedCopy, superviseReported } from './reported-copy.js';

/**
 * Runs the copies on the nodes of the block with GNU parallel (2019 or later) over `ssh`, which has to let the user in
 * without a password; copies on the first node need no `ssh`. What the script has exported reaches the other nodes over
 * standard input. Waits for every copy; the job fails if any does, with the exit code of the first that failed. Signals
 * reach the copies as `SIGTERM`.
 */
export class GnuParallelLauncher implements Launcher {
  readonly label = 'gnu-parallel';
  readonly carriesSecrets = true;

  fragment({ command, tasksPerNode, nodesPerBlock, scriptDir }: LaunchRequest): string {
    const copies = String(tasksPerNode * nodesPerBlock);
    return `${BLOCK_HOSTS}parsl_jobs=${String(tasksPerNode)}
[ \${#parsl_hosts[@]} -gt 0 ] || parsl_jobs=${copies} parsl_hosts=("$(uname -n)")
parsl_logins=
for parsl_host in "\${parsl_hosts[@]}"; do
  [ "\${parsl_host%%.*}" != "$(uname -n | cut -d . -f 1)" ] || parsl_host=:
  parsl_logins=\${parsl_logins:+$parsl_logins,}$parsl_host
done
${CARRIED_NAMES}[ ! -d ${shellQuote(scriptDir)} ] || export PARALLEL_HOME=${shellQuote(`${scriptDir}/.parallel`)}
parsl_copy_scripts() {
  local script
  script=$(${CARRIED_DECLARATIONS}; printf '%s\\n' ${shellQuote(`exec ${reportedCopy(command)}`)})
  for ((parsl_copy = 0; parsl_copy < ${copies}; parsl_copy++)); do
    printf 'eval %q\\n' "$script"
  done
}
exec 5< <(parsl_copy_scripts 2>/dev/null)
${superviseReported(`parallel ${OPTIONS} --jobs "$parsl_jobs" --sshlogin "$parsl_logins" bash <&5 5<&-`)}`;
  }
}

/**
 * Each copy gets a line on standard input: what it runs, and its environment with it, which on a command line others
 * could read. Output passes through as it comes, and is not gathered in temporary files. Copies have some seconds to end
 * by themselves after SIGTERM; that time is always spent, as GNU parallel does not notice that they have ended.
 */
const OPTIONS = '--will-cite --pipe -N1 --ungroup --termseq TERM,3000,KILL,25';
