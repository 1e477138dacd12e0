import type { Logger } from '@parsl-ts/core';
import { LocalProvider } from '@parsl-ts/provider-local';
import { expect, test } from 'vitest';

import { checkHtexOptions, type HighThroughputExecutorOptions } from './htex-options.js';
import { wantedAddresses } from './pool-access.js';

/** Where an executor listens, and what it warns of. */
function wanted(options: HighThroughputExecutorOptions) {
  const warnings: string[] = [];
  const silent = () => undefined;
  const logger: Logger = {
    ...{ debug: silent, info: silent, error: silent, child: () => logger },
    warn: (_fields, message) => warnings.push(message),
  };
  return { ...wantedAddresses(checkHtexOptions(options), logger), warnings };
}

test.each<[string, HighThroughputExecutorOptions, readonly string[], warning?: RegExp]>([
  ['encrypted, it listens everywhere', {}, ['*']],
  ['encrypted, with blocks on this host, on loopback', { provider: new LocalProvider() }, ['127.0.0.1']],
  ['not encrypted, on loopback, and warns', { encrypted: false }, ['127.0.0.1'], /every user.*set 'address'/],
  [
    'not encrypted, with blocks on this host, the same',
    { encrypted: false, provider: new LocalProvider() },
    ['127.0.0.1'],
    /every user of this host/,
  ],
  [
    'not encrypted, elsewhere when an address is given, and warns',
    { encrypted: false, address: '192.0.2.1' },
    ['192.0.2.1'],
    /everybody who reaches 192\.0\.2\.1/,
  ],
  ['an address is obeyed', { address: ['192.0.2.1', 'login1'] }, ['192.0.2.1', 'login1']],
])('%s', (_what, options, addresses, warning) => {
  const found = wanted(options);
  expect(found.addresses).toEqual(addresses);
  if (warning === undefined) expect(found.warnings).toEqual([]);
  else expect(found.warnings).toEqual([expect.stringMatching(warning)]);
});
