import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { ParslError, type CodeAnnouncement, type FunctionFile } from '@parsl-ts/wire';

/** Functions of the run, as files that workers import. */
export class FunctionStore {
  private readonly dir: string;
  private readonly files = new Map<number, FunctionFile>();

  constructor(dir: string) {
    this.dir = dir;
  }

  /**
   * Stores a function; one with equal code is stored once.
   *
   * @throws ParslError when the file cannot be written.
   */
  add(announcement: CodeAnnouncement, source: Buffer): void {
    const { index, id, name, contextIndex } = announcement;
    const path = join(this.dir, `${id}.mjs`);
    try {
      const incomplete = `${path}.incomplete`;
      writeFileSync(incomplete, source, { mode: 0o600 });
      renameSync(incomplete, path);
    } catch (error) {
      throw new ParslError(
        'PARSL_FUNCTION_NOT_STORED',
        `the function '${name}' could not be stored in ${this.dir}: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      );
    }
    this.files.set(index, { index, url: pathToFileURL(path).href, name, contextIndex });
  }

  get(index: number): FunctionFile {
    const file = this.files.get(index);
    if (file === undefined) throw new RangeError(`function ${String(index)} was not stored`);
    return file;
  }
}
