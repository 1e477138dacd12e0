import { packageBuild } from '@parsl-ts-internal/tsup-config';

export default packageBuild({
  entry: { index: 'src/index.ts', 'thread-main': 'src/executors/threads/thread-main.ts' },
  dts: ['index'],
});
