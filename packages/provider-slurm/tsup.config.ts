import { packageBuild } from '@parsl-ts-internal/tsup-config';

export default packageBuild({ entry: { index: 'src/index.ts' } });
