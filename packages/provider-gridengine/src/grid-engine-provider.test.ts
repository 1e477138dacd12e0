import { describe, expect, test } from 'vitest';
import type { GridEngineProviderOptions } from './grid-engine-options.js';
import { GridEngineProvider } from './grid-engine-provider.js';

describe('GridEngineProvider', () => {
  test('has defaults', () => {
    expect(new GridEngineProvider()).toMatchObject({
      label: 'gridengine',
      nodesPerBlock: 1,
      node: { cores: 1 },
      blocks: { init: 1, min: 0, max: 1, parallelism: 1 },
      pollIntervalMs: 10_000,
      carriesSecrets: false,
    });
  });

  test.each<[object, string]>([
    [
      { slotsPerNode: 4 },
      "option 'parallelEnvironment' of GridEngineProvider is missing; a block of several slots",
    ],
    [{ nodesPerBlock: 2 }, "option 'parallelEnvironment' of GridEngineProvider is missing"],
    [{ queue: 'all.q -l x' }, "option 'queue' of GridEngineProvider must be one word"],
    [
      { resources: ['a b'] },
      "option 'resources' of GridEngineProvider must be an array in which each element is one word",
    ],
    [{ scheduler_options: '' }, "did you mean 'schedulerOptions'?"],
    [{ channel: {} }, 'there are no channels'],
    [{ schedulerOptions: 'module load x' }, "must be lines that each begin with '#$ -' or '-'"],
    [{ schedulerOptions: '-t 1-3 -tc 2' }, "must be lines without '-t'"],
  ])('%j is refused', (options: GridEngineProviderOptions, message) => {
    expect(() => new GridEngineProvider(options)).toThrow(message);
  });
});
