import { close, open, writeFile, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';

const openFile = promisify(open);
const closeFile = promisify(close);

/**
 * A file that text is appended to without holding up the event loop. What cannot be written is lost, without a word and
 * without a wait: a disk that is full, or a directory that somebody has removed, must neither end a run nor hold up its
 * end.
 */
export class LogFile {
  readonly #fd: number;
  #waiting = '';
  #writing: Promise<void> | undefined;
  #closed = false;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** @throws the error of the file system when the file cannot be opened */
  static async open(path: string): Promise<LogFile> {
    return new LogFile(await openFile(path, 'a'));
  }

  write(text: string): void {
    if (this.#closed || text === '') {
      return;
    }
    this.#waiting += text;
    this.#writing ??= this.#writeOut();
  }

  /** Writes what waits before it returns. For a process that exits. */
  flushNow(): void {
    const text = this.#waiting;
    this.#waiting = '';
    if (this.#closed || text === '') {
      return;
    }
    try {
      writeFileSync(this.#fd, text);
    } catch {
      // See above.
    }
  }

  /** Writes what waits, and closes the file. What is written after that is lost. */
  async close(): Promise<void> {
    if (this.#closed) {
      return;
    }
    this.#closed = true;
    await this.#writing;
    try {
      await closeFile(this.#fd);
    } catch {
      // See above: network file systems and quotas may say only now what was lost. It is closed all the same.
    }
  }

  async #writeOut(): Promise<void> {
    while (this.#waiting !== '') {
      const text = this.#waiting;
      this.#waiting = '';
      await new Promise<void>((resolve) => {
        writeFile(this.#fd, text, () => {
          resolve();
        });
      });
    }
    this.#writing = undefined;
  }
}
