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
      },
    })),
    maxWorkers: Math.max(2, availableParallelism()),
    reporters: ['default', new SuiteReporter()],
  },
});
