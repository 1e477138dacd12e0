import { describe, expect, test } from 'vitest';

import { listen } from './listen.js';

/** A host where some ports are taken and some addresses are others'. */
function socket(busy: readonly string[], foreign: readonly string[] = []) {
  const bound = new Set<string>();
  return {
    bound,
    bind: (endpoint: string) => {
      const code = busy.includes(endpoint)
        ? 'EADDRINUSE'
        : foreign.some((address) => endpoint.includes(`/${address}:`))
          ? 'EADDRNOTAVAIL'
          : endpoint.endsWith(':80')
            ? 'EACCES'
            : undefined;
      if (code !== undefined) return Promise.reject(Object.assign(new Error(code), { code }));
      bound.add(endpoint);
      return Promise.resolve();
    },
    unbind: (endpoint: string) => {
      bound.delete(endpoint);
      return Promise.resolve();
    },
  };
}

const first = () => 0;
const range = [100, 103] as const;

describe('listen', () => {
  test('the port that was asked for, on all addresses', async () => {
    const host = socket([]);
    const request = { listenOption: 'address', listen: ['10.0.0.1', '10.0.0.2'], port: 5, portRange: range };
    await expect(listen(host, request, first)).resolves.toBe(5);
    expect([...host.bound]).toEqual(['tcp://10.0.0.1:5', 'tcp://10.0.0.2:5']);
  });

  test('a port that is free on all addresses, and none is left half bound', async () => {
    const host = socket(['tcp://b:100', 'tcp://a:101']);
    const request = { listenOption: 'address', listen: ['a', 'b'], port: undefined, portRange: range };
    await expect(listen(host, request, first)).resolves.toBe(102);
    expect([...host.bound]).toEqual(['tcp://a:102', 'tcp://b:102']);
  });

  test('starts anywhere in the range and goes round', async () => {
    const host = socket(['tcp://*:103']);
    const request = { listenOption: 'address', listen: ['*'], port: undefined, portRange: range };
    await expect(listen(host, request, () => 0.99)).resolves.toBe(100);
  });

  test('a port that is still in use is tried again for as long as it is said', async () => {
    const busy = ['tcp://b:5'];
    const host = socket(busy);
    const request = { listenOption: 'address', listen: ['a', 'b'], port: 5, portRange: range };
    await expect(listen(host, { ...request, portPatienceMs: 150 }, first)).rejects.toThrow(
      'port 5 is in use on b',
    );
    const listening = listen(host, { ...request, portPatienceMs: 20_000 }, first);
    setTimeout(() => busy.pop(), 150);
    await expect(listening).resolves.toBe(5);
    expect([...host.bound]).toEqual(['tcp://a:5', 'tcp://b:5']);
  });

  test.each([
    ['workerPort', { listen: ['a'], port: 100, portRange: range }, /port 100 is in use on a/],
    ['workerPort', { listen: ['a'], port: 80, portRange: range }, /may not be opened/],
    [
      'workerPortRange',
      { listen: ['a'], port: undefined, portRange: [100, 100] as const },
      /no port from 100 to 100/,
    ],
    ['address', { listen: ['a', 'c'], port: undefined, portRange: range }, /cannot listen on 'c'/],
  ])('%s at fault', async (option, request, message) => {
    const listening = listen(socket(['tcp://a:100'], ['c']), { listenOption: 'address', ...request }, first);
    await expect(listening).rejects.toMatchObject({ option });
    await expect(listening).rejects.toThrow(message);
  });
});
