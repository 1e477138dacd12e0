import { Command, CommanderError } from 'commander';

import { CommandError, ExitCode } from './command-error.js';
import { packageVersion } from './package-version.js';
import { addPerfCommand } from './perf/perf-command.js';

/** Each adds one command; one file per command. */
const COMMANDS: readonly ((program: Command) => void)[] = [addPerfCommand];

const EXIT_CODES = `
Exit codes:
  0 done    1 failed    2 options or a configuration make no sense    130, 143 ended by a signal`;

/** Runs `parsl-ts` with these arguments and sets this process's exit code. */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  endWithReader(process.stdout);
  try {
    await program().parseAsync(args, { from: 'user' });
  } catch (error) {
    const { exitCode, message } = explain(error);
    process.exitCode = exitCode;
    if (message !== undefined) process.stderr.write(`parsl-ts: ${message}\n`);
  }
}

function program(): Command {
  const parslTs = new Command('parsl-ts')
    .description('Works with @parsl-ts: Parsl for TypeScript.')
    .version(packageVersion('@parsl-ts/cli'))
    .exitOverride()
    // What is wrong is said once, at the end of this program.
    .configureOutput({ outputError: () => undefined })
    .addHelpText('after', EXIT_CODES);
  for (const add of COMMANDS) add(parslTs);
  return parslTs;
}

interface Explanation {
  readonly exitCode: ExitCode;
  /** `undefined` when everything has been said. */
  readonly message: string | undefined;
}

function explain(error: unknown): Explanation {
  if (error instanceof CommandError) return { exitCode: error.exitCode, message: error.message };
  if (!(error instanceof CommanderError)) return { exitCode: ExitCode.failed, message: describe(error) };
  if (error.exitCode === 0) return { exitCode: ExitCode.done, message: undefined };
  // There was no command, so that commander has shown what there is.
  if (error.code === 'commander.help') return { exitCode: ExitCode.usage, message: undefined };
  const message = error.message
    .replace(/^error: /, '')
    .replace(/\n/g, ' ')
    .replace(/\.$/, '');
  return { exitCode: ExitCode.usage, message: `${message}; --help shows what there is` };
}

/** Errors of this system explain themselves, and can be looked up by their code; others are for whoever mends them. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code: unknown = Reflect.get(error, 'code');
  if (typeof code === 'string' && code.startsWith('PARSL_')) return `${error.message} (${code})`;
  return error.stack ?? error.message;
}

/** Whoever reads this may leave early (`--help | head`). Then there is nobody left to work for, and no reason to complain. */
function endWithReader(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}
