import { expect, test } from 'vitest';

import { readAudit } from './audit.mjs';

const ARGV = ['pnpm', 'audit', '--prod'];

test('nothing known is nothing wrong', () => {
  expect(readAudit(ARGV, 0, 'No known vulnerabilities found\n')).toEqual({ problems: '' });
});

test('a vulnerability is wrong, whatever the texts of its advisory hold', () => {
  const table = '│ high │ crashes with ECONNRESET │\n1 vulnerabilities found\nSeverity: 1 high\n';
  expect(readAudit(ARGV, 1, table)).toEqual({ problems: `$ pnpm audit --prod\n${table.trim()}` });
  expect(readAudit(ARGV, 1, '')).toEqual({ problems: '$ pnpm audit --prod\nexit code 1' });
});

test.each([
  ' ERR_PNPM_AUDIT_BAD_RESPONSE  The audit endpoint (at https://registry.npmjs.org/…/quick) responded with 405: .',
  ' ERR_PNPM_META_FETCH_FAIL  GET https://registry.npmjs.org/x: request to https://registry.npmjs.org/x failed',
  'getaddrinfo EAI_AGAIN registry.npmjs.org',
  'connect ECONNREFUSED 127.0.0.1:9',
])('a registry that does not answer is no finding: %s', (line) => {
  expect(readAudit(ARGV, 1, `\n${line}\n`)).toEqual({
    skipped: `the registry did not answer: ${line.trim()}`,
  });
});
