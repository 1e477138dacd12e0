import { execFileSync } from 'node:child_process';

import { expect, test } from 'vitest';

import { encodeValue } from './value-codec.js';

test('values come back alike without the native string reader', { timeout: 30_000 }, () => {
  // The variable is read when msgpackr is loaded.
  const script = `
    const { Packr } = await import(${JSON.stringify(import.meta.resolve('msgpackr'))});
    const packr = new Packr({ useRecords: false, moreTypes: true });
    process.stdout.write(JSON.stringify(packr.unpack(Buffer.from(process.argv[1], 'base64'))));`;
  const value = { text: 'ä€😀'.repeat(200), short: 'ä', ascii: 'a'.repeat(300), keys: { ключ: 'значение' } };
  const bytes = encodeValue(value, 'value').bytes.toString('base64');
  for (const disabled of ['true', 'false']) {
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', script, bytes], {
      env: { ...process.env, MSGPACKR_NATIVE_ACCELERATION_DISABLED: disabled },
      encoding: 'utf8',
    });
    expect(JSON.parse(output)).toEqual(value);
  }
});
