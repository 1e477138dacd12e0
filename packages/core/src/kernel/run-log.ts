import { join } from 'node:path';
import { printable } from '@parsl-ts/wire';
import type { Logger } from '../executor.js';
import type { LogLevel } from './kernel-config.js';
import { LogFile } from './log-file.js';

/** The log of one run. */
export interface RunLog {
  readonly logger: Logger;
  /** Writes out what is buffered, before it returns. For a process that exits. */
  flushNow(): void;
  /** Writes out what is buffered, and closes the file. */
  close(): Promise<void>;
}

const SILENT: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => SILENT,
};

/** Opens `parsl.log` in the run's directory, one JSON object a line. Writing does not hold up the event loop. */
export async function openRunLog(runDir: string, level: LogLevel | false): Promise<RunLog> {
  if (level === false) {
    return { logger: SILENT, flushNow: () => undefined, close: () => Promise.resolve() };
  }
  const { pino, stdSerializers } = (await import('pino')).default;
  const file = await LogFile.open(join(runDir, 'parsl.log'));
  const lines = {
    write: (line: string) => {
      file.write(`${printable(line.trimEnd())}\n`);
    },
  };
  return {
    logger: pino({ level, base: { pid: process.pid }, serializers: { error: stdSerializers.err } }, lines),
    flushNow: () => {
      file.flushNow();
    },
    close: () => file.close(),
  };
}
