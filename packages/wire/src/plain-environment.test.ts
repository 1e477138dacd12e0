import { expect, test } from 'vitest';

import { plainEnvironment } from './plain-environment.js';

test('what tools have put there for one process stays with it', () => {
  const foreign = {
    ...{ NODE_OPTIONS: '--import tsx', NODE_V8_COVERAGE: '/tmp/coverage', NODE_UNIQUE_ID: '1' },
    ...{ NODE_CHANNEL_FD: '3', NODE_CHANNEL_SERIALIZATION_MODE: 'json' },
    ...{ VITEST: 'true', VITEST_WORKER_ID: '1', TSX_TSCONFIG_PATH: 'tsconfig.json', TS_NODE_PROJECT: '.' },
  };
  const own = {
    ...{ PATH: '/bin', NODE_PATH: '/lib', NODE_EXTRA_CA_CERTS: '/ca', NODE_ENV: 'production' },
    ...{ MY_VITEST: '1', TSXX: '1', PARSL_SECRET: 's' },
  };
  expect(plainEnvironment({ ...foreign, ...own })).toEqual(own);
});
