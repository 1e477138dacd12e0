import { quotingTests } from '@parsl-ts-internal/quoting';
import { describe } from 'vitest';
import { PBSProProvider } from './pbs-pro-provider.js';
import { TorqueProvider } from './torque-provider.js';

describe.each([PBSProProvider, TorqueProvider])('%o', (Provider) => {
  quotingTests({
    create: (options?: ConstructorParameters<typeof Provider>[0]) => new Provider(options),
    submit: { command: 'qsub', answer: '1.server' },
    words: (word) => ({ account: word, queue: word }),
    lines: (schedulerOptions) => ({ schedulerOptions }),
  });
});
