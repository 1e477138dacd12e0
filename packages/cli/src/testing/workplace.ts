import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach } from 'vitest';

import { CommandProcess, type Ended } from './command-process.js';

/** A directory for a test, and the commands that are run in it. */
export interface Workplace {
  readonly path: string;
  /** Writes a file, whose directories are made, and returns its absolute path. */
  readonly write: (name: string, content: string) => string;
  /** Starts `parsl-ts`. */
  readonly start: (...args: string[]) => CommandProcess;
  /** Runs `parsl-ts` to its end. */
  readonly run: (...args: string[]) => Promise<Ended>;
}

/** Gives each test an empty directory, and afterwards ends what was started there and removes it. */
export function useWorkplace(): Workplace {
  let path = '';
  let started: CommandProcess[] = [];
  const start = (...args: string[]): CommandProcess => {
    const command = new CommandProcess(args, path);
    started.push(command);
    return command;
  };
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'parsl-cli-'));
  });
  afterEach(async () => {
    const commands = started;
    started = [];
    for (const { child } of commands) child.kill('SIGKILL');
    try {
      await Promise.all(commands.map((command) => command.gone()));
    } finally {
      for (const pid of commands.flatMap((command) => [...command.processes().keys()])) {
        process.kill(pid, 'SIGKILL');
      }
      rmSync(path, { recursive: true });
    }
  });
  return {
    get path() {
      return path;
    },
    write: (name, content) => {
      const file = join(path, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      return file;
    },
    start,
    run: (...args) => start(...args).ended,
  };
}
