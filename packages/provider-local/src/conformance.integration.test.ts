import { conformanceCases } from '@parsl-ts/provider/testing';
import { describe, test } from 'vitest';
import { LocalProvider } from './local-provider.js';

describe('LocalProvider is a provider', () => {
  const cases = conformanceCases({
    create: ({ nodesPerBlock }) =>
      new LocalProvider({ nodesPerBlock, pollIntervalMs: 20, cancelGraceMs: 500 }),
  });
  for (const { name, skip, run } of cases) {
    test(name, { timeout: 60_000 }, async (context) => {
      context.skip(skip !== undefined, skip);
      await run();
    });
  }
});
