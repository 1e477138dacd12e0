import { createHash } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { ParslError, ProtocolError, type CodeAnnouncement, type FunctionFile } from '@parsl-ts/wire';

/** Functions of the run, as files that workers import. */
export class FunctionStore {
  private readonly dir: string;
  private readonly files = new Map<number, FunctionFile>();

  constructor(dir: string) {
    this.dir = dir;
  }

  /**
   * Checks that the code is the one that was announced, and that the number is not another function's.
   *
   * @throws ProtocolError when it is not so
   */
  check({ index, id, name }: CodeAnnouncement, source: Buffer): void {
    if (createHash('sha256').update(source).digest('hex') !== id) {
      throw new ProtocolError(`the code of the function '${name}' is not the one that was announced`);
    }
    const known = this.files.get(index);
    if (known !== undefined && known.url !== this.urlOf(id)) {
      throw new ProtocolError(
        `function ${String(index)} is '${known.name}' already, and cannot be '${name}'`,
      );
    }
  }

  /**
   * Stores a function; one with equal code is stored once.
   *
   * @throws ParslError when the file cannot be written.
   */
  add(announcement: CodeAnnouncement, source: Buffer): void {
    const { index, id, name, contextIndex } = announcement;
    const path = this.pathOf(id);
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
    this.files.set(index, { index, url: this.urlOf(id), name, contextIndex });
  }

  get(index: number): FunctionFile {
    const file = this.files.get(index);
    if (file === undefined) throw new RangeError(`function ${String(index)} was not stored`);
    return file;
  }

  private pathOf(id: string): string {
    return join(this.dir, `${id}.mjs`);
  }

  private urlOf(id: string): string {
    return pathToFileURL(this.pathOf(id)).href;
  }
}
