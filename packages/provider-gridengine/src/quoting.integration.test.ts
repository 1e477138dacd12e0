import { quotingTests } from '@parsl-ts-internal/quoting';
import { GridEngineProvider } from './grid-engine-provider.js';

quotingTests({
  create: (options?: ConstructorParameters<typeof GridEngineProvider>[0]) => new GridEngineProvider(options),
  submit: { command: 'qsub', answer: '1' },
  words: (word) => ({ account: word, queue: word, project: word, memoryResource: word, resources: [word] }),
  lines: (schedulerOptions) => ({ schedulerOptions }),
});
