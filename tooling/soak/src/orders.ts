import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { signal } from '@parsl-ts-internal/stress/processes';

const OBEY = fileURLToPath(new URL('fixtures/obey-orders.mjs', import.meta.url));

/** What a process may be ordered to do to itself. */
export type Order = 'exit' | 'fill-heap' | `block ${number}`;

/** Gives orders to interchanges and managers, which {@link node} has started. */
export class Orders {
  /** A program to be used as Node.js: its heap is small, and it obeys. */
  readonly node: string;
  private readonly directory: string;

  /** @param directory An existing one. */
  constructor(directory: string) {
    this.directory = directory;
    this.node = join(directory, 'node');
    const words = `${process.execPath} --max-old-space-size=256 --import ${OBEY}`;
    const script = `#!/bin/sh\nulimit -c 0\nexport SOAK_ORDERS=${directory}\nexec ${words} "$@"\n`;
    writeFileSync(this.node, script, { mode: 0o700 });
  }

  /** Tells whether there was anybody to obey. */
  give(pid: number, order: Order): boolean {
    const file = join(this.directory, `order-${pid}`);
    writeFileSync(`${file}.new`, order);
    renameSync(`${file}.new`, file);
    return signal(pid, 'SIGUSR2');
  }
}
