import { expect, test } from 'vitest';

import { mostManagers, mostManagersBy } from './most-managers.js';

const limits = (soft: string) => `Limit                     Soft Limit           Hard Limit           Units
Max processes             96312                96312                processes
Max open files            ${soft.padEnd(20)} 1048576              files
`;

test('every pool takes a descriptor, and some are left for the rest', () => {
  expect(mostManagersBy(limits('4096'))).toBe(4032);
  expect(mostManagersBy(limits('10'))).toBe(1);
});

test('no limit, or none that can be read', () => {
  expect(mostManagersBy(limits('unlimited'))).toBe(Infinity);
  expect(mostManagersBy('')).toBe(Infinity);
  expect(mostManagers()).toBeGreaterThan(1);
});
