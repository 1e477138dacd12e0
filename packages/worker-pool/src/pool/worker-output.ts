import { closeSync, fstatSync, readSync } from 'node:fs';

/** What V8 writes when a heap is full comes last, with a native stack after it. In bytes. */
const TAIL_BYTES = 16 * 1024;

/** The file that takes the output of a worker process, which may follow that of earlier ones. */
export class WorkerOutput {
  readonly fd: number;
  private readonly from: number;

  /** @param fd open for reading and appending; closed by {@link WorkerOutput.close} */
  constructor(fd: number) {
    this.fd = fd;
    this.from = fstatSync(fd).size;
  }

  /** The end of what this process has written. */
  tail(): string {
    try {
      const { size } = fstatSync(this.fd);
      const start = Math.max(this.from, size - TAIL_BYTES);
      const bytes = Buffer.alloc(Math.max(0, size - start));
      return bytes.toString('utf8', 0, readSync(this.fd, bytes, 0, bytes.length, start));
    } catch {
      return '';
    }
  }

  close(): void {
    closeSync(this.fd);
  }
}
