import { expect, test } from 'vitest';

import { parseDescriptors, parsePorts } from './limits.js';

test('the hard limit counts, whatever the soft one is', () => {
  const limits = (hard: string) => `Limit                     Soft Limit           Hard Limit           Units
Max processes             96312                96312                processes
Max open files            1024                 ${hard}                files
`;
  expect(parseDescriptors(limits('20000'))).toBe(20_000);
  expect(parseDescriptors(limits('unlimited'))).toBe(Infinity);
  expect(() => parseDescriptors('')).toThrow('does not name');
});

test('first and last port belong to the range', () => {
  expect(parsePorts('32768\t60999\n')).toBe(28_232);
});
