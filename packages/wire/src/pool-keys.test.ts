import { describe, expect, test } from 'vitest';

import { formatPoolKeys, formatPoolSecret, parsePoolKeys, parsePoolSecret } from './pool-keys.js';

const keys = {
  serverKey: 'rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7',
  publicKey: 'Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID',
  secretKey: 'D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs',
};

describe('key files', () => {
  test('come back as they were written', () => {
    expect(parsePoolKeys(formatPoolKeys(keys))).toEqual(keys);
  });

  test.each([
    ['not JSON', 'secret stuff', 'not JSON'],
    ['no object', 'null', "'serverKey'"],
    ['a short key', formatPoolKeys({ ...keys, publicKey: 'abc' }), "'publicKey'"],
    [
      'a key of other characters',
      formatPoolKeys({ ...keys, secretKey: `${'a'.repeat(39)}"` }),
      "'secretKey'",
    ],
  ])('%s is refused, and the message tells no secret', (_what, text, message) => {
    const parse = () => parsePoolKeys(text);
    expect(parse).toThrow(message);
    expect(parse).not.toThrow(/secret stuff|D:\)Q/);
  });
});

describe('the secret of a block', () => {
  test('comes back as it was, and is a word that needs no quotes', () => {
    expect(formatPoolSecret(keys)).toMatch(/^[\w-]+$/);
    expect(parsePoolSecret(formatPoolSecret(keys))).toEqual(keys);
  });

  test.each([
    ['nothing', '', 'not JSON'],
    ['something else', 'secret-stuff', 'not JSON'],
    ['half of it', formatPoolSecret(keys).slice(0, 80), 'not JSON'],
    ['a short key', formatPoolSecret({ ...keys, secretKey: 'abc' }), "'secretKey'"],
  ])('%s is refused, and the message tells no secret', (_what, text, message) => {
    const parse = () => parsePoolSecret(text);
    expect(parse).toThrow(message);
    expect(parse).not.toThrow(/secret-stuff|Yne@/);
  });
});
