import { expect, test } from 'vitest';

import { findAddresses, type Network } from './addresses.js';

const network: Network = {
  external: () => ['10.1.0.5', '192.168.0.9'],
  hostname: () => 'login1',
  resolve: (name) => {
    const known: Record<string, string> = { login1: '127.0.1.1', ib0: '10.1.0.5', localhost: '127.0.0.1' };
    const address = known[name];
    return address === undefined ? Promise.reject(new Error('ENOTFOUND')) : Promise.resolve(address);
  },
};

test.each([
  ['an address', ['10.1.0.5'], { listen: ['10.1.0.5'], pools: ['10.1.0.5'] }],
  ['a name', ['ib0'], { listen: ['10.1.0.5'], pools: ['ib0'] }],
  [
    'several',
    ['ib0', '10.1.0.5', '127.0.0.1'],
    { listen: ['10.1.0.5', '127.0.0.1'], pools: ['ib0', '10.1.0.5', '127.0.0.1'] },
  ],
  ['all', ['*'], { listen: ['*'], pools: ['10.1.0.5', '192.168.0.9', 'login1'] }],
  ['a name that is a loopback address here', ['login1'], { listen: ['*'], pools: ['login1'] }],
  ['localhost', ['localhost'], { listen: ['127.0.0.1'], pools: ['localhost'] }],
  ['all and one', ['10.1.0.5', '*'], { listen: ['*'], pools: ['10.1.0.5', '192.168.0.9', 'login1'] }],
])('%s', async (_what, addresses, found) => {
  await expect(findAddresses('htex', { option: 'address', addresses }, network)).resolves.toEqual(found);
});

test('an unknown name is an error that names the option', async () => {
  const wanted = { option: 'loopbackAddress', addresses: ['nowhere'] } as const;
  await expect(findAddresses('htex', wanted, network)).rejects.toMatchObject({
    code: 'PARSL_INTERCHANGE_START',
    executor: 'htex',
    option: 'loopbackAddress',
  });
});
