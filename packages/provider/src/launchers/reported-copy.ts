import { isPlainCommand, shellQuote } from '../shell-quote.js';
import { supervise } from './supervise.js';

/** What a copy that failed says on standard error, with its host before it and its exit code after it. */
const REPORT = { before: 'parsl: the copy on', between: 'ended with exit code' };

/**
 * Runs a line of `sh`, and reports its exit code if it is not 0. Ends with 0 itself: programs that start copies of MPI
 * ranks end all of them when one fails, or keep its exit code to themselves. Signals that come to the whole process group
 * are for the command; the shell only has to outlive them. It is bash, since other shells drop exported functions.
 */
const PROGRAM = `trap : TERM INT HUP USR1 USR2
(eval "$1") </dev/null
code=$?
[ "$code" = 0 ] || printf '%s %s %s %s\\n' '${REPORT.before}' "$(uname -n)" '${REPORT.between}' "$code" >&2`;

/** A line of `sh` as the arguments of a program that starts it, for {@link superviseReported}. */
export function reportedCopy(command: string): string {
  const line = isPlainCommand(command) ? `exec ${command}` : command;
  return `/bin/bash -c ${shellQuote(PROGRAM)} parsl ${shellQuote(line)}`;
}

/**
 * Bash that runs a launching program, passes signals on to it, and waits for it. Its exit code is the program's, or that
 * of the first copy that reported one. The reports come by standard error, which arrives from every node; they are seen
 * as they pass by, and handed on. Whoever sees them must not be a child of the program, which may wait for it.
 *
 * @param start a line of bash that starts the program
 */
export function superviseReported(start: string): string {
  return `exec 3<> <(:)
parsl_reports() {
  trap '' TERM INT HUP USR1 USR2
  while IFS= read -r parsl_line || [ -n "$parsl_line" ]; do
    printf '%s\\n' "$parsl_line" >&2
    case $parsl_line in
      *'${REPORT.before} '*' ${REPORT.between} '*) echo "\${parsl_line##* }" >&3 ;;
    esac
  done
  echo end >&3
}
exec 4> >(parsl_reports)
${supervise({
  start: `${start} 2>&4 3>&- 4>&-`,
  copies: 1,
  tolerated: 0,
  signals: 'launcher',
  finish: READ_REPORTS,
})}`;
}

/** Something that holds standard error open may keep the end from being reported. */
const READ_REPORTS = `exec 4>&-
while read -r -t 10 -u 3 parsl_code && [ "$parsl_code" != end ]; do
  [ "$parsl_exit_code" -ne 0 ] || parsl_exit_code=$parsl_code
done
`;
