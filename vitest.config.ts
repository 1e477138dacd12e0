import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { packageDirs, readManifest } from './tooling/scripts/workspace.mjs';
import { SuiteReporter } from './tooling/scripts/suite-reporter.mjs';

const setup = fileURLToPath(new URL('./tooling/scripts/test-timeouts.ts', import.meta.url));

export default defineConfig({
  test: {
    // Every package is a project with its own name: `vitest run --project @parsl-ts/core`.
    projects: packageDirs().map((dir) => ({
      test: {
        name: readManifest(dir).name,
        root: dir,
        include: ['{src/**/,}*.test.ts'],
        setupFiles: [setup],
        pool: 'forks',
        // Where nobody watches, one test of ten thousand that a stall of the machine broke does not cost the whole run. It
        // is named at the end.
        retry: process.env['CI'] === undefined ? 0 : 1,
      },
    })),
    maxWorkers: Math.max(2, availableParallelism()),
    reporters: ['default', new SuiteReporter()],
  },
});
