import { quotingTests } from '@parsl-ts-internal/quoting';
import { SlurmProvider } from './slurm-provider.js';

quotingTests({
  create: (options?: ConstructorParameters<typeof SlurmProvider>[0]) => new SlurmProvider(options),
  submit: { command: 'sbatch', answer: '1' },
  words: (word) => ({
    account: word,
    partition: word,
    qos: word,
    constraint: word,
    clusters: word,
    gres: word,
  }),
  lines: (schedulerOptions) => ({ schedulerOptions }),
});
