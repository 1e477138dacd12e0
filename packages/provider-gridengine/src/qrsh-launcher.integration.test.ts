import { spawnSync } from 'node:child_process';
import { shellCommand } from '@parsl-ts/provider';
import { expect, test } from 'vitest';
import { QrshLauncher } from './qrsh-launcher.js';

test.each([
  '/bin/pool',
  `echo 'it'\\''s' "q\\"q" $(echo sub) \`echo back\` $HOME`,
  'echo "',
  'fi',
  'echo one\necho two',
  shellCommand(['/bin/echo', 'a b', "it's", '$(false)', '*', 'new\nline']),
])('the fragment for %j passes bash -n', (command) => {
  for (const scriptDir of ['/run', `/it's a "dir" $(echo x) ü`]) {
    const request = { name: 'b', command, tasksPerNode: 2, nodesPerBlock: 3, scriptDir };
    const text = new QrshLauncher({ failOnAny: true }).fragment(request);
    expect(spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    });
  }
});

test('options are checked', () => {
  // @ts-expect-error -- there is no such option
  expect(() => new QrshLauncher({ fail: true })).toThrow("unknown option 'fail' of QrshLauncher");
});
