import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: ['packages/*', 'apps/*', 'apps/examples/*', 'tooling/*'].map((root) => ({
      test: { root, include: ['src/**/*.test.ts'] },
    })),
  },
});
