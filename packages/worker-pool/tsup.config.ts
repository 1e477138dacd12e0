import { packageBuild } from '@parsl-ts-internal/tsup-config';

export default packageBuild({
  entry: {
    index: 'src/index.ts',
    'bin/parsl-worker-pool': 'src/bin/parsl-worker-pool.ts',
    'bin/worker': 'src/bin/worker.ts',
  },
});
