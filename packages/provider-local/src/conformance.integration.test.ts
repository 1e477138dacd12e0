import { conformanceCases } from '@parsl-ts/provider/testing';
import { describe, test } from 'vitest';
import { LocalProvider } from './local-provider.js';

describe('LocalProvider is a provider', () => {
  const cases = conformanceCases({
    create: ({ nodesPerBlock }) =>
      new LocalProvider({ nodesPerBlock, pollIntervalMs: 20, cancelGraceMs: 500 }),
  });
  for (const { name, skip, run } of cases) {
    test(name, { skip: skip !== undefined, timeout: 60_000 }, run);
  }
});
