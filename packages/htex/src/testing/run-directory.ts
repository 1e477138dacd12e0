import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';

/** A new empty directory for each test, removed after it. */
export function useRunDirectory(): { readonly path: string } {
  const directory = { path: '' };
  beforeEach(() => {
    directory.path = mkdtempSync(join(tmpdir(), 'parsl-htex-'));
  });
  // Processes that are ending may still write there.
  afterEach(() => rmSync(directory.path, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  return directory;
}
