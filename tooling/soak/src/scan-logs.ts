import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** What Node.js prints when nobody catches an error, and what a program of ours would not print otherwise. */
const STRAY =
  /unhandled ?rejection|uncaught|ERR_UNHANDLED|\b(?:TypeError|RangeError|ReferenceError|SyntaxError)\b/i;

/** Files in which lines of processes and of batch jobs stand. */
const LOGS = /[.](?:log|err|out)$/;

/** Lines in the logs under `directory` that tell of an error which nobody has caught. */
export function strayErrorsInLogs(directory: string): string[] {
  return filesIn(directory).flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => STRAY.test(line))
      .slice(0, 3)
      .map((line) => `${relative(directory, file)}: ${line.slice(0, 500)}`),
  );
}

function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && LOGS.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}
