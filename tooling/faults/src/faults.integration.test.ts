import { describe, test } from 'vitest';
import { HOW, WHEN, WHO } from './combination.js';
import { playCase } from './play.js';
import { missingFor } from './prepare.js';
import { TABLE } from './table.js';

for (const who of WHO) {
  const missing = missingFor(who);
  describe.concurrent(who, () => {
    for (const how of HOW[who]) {
      for (const [column, when] of WHEN.entries()) {
        const cell = TABLE[who][how]?.[column];
        if (cell === undefined || cell.is === 'no case') continue;
        test(`${how}, ${when}: ${cell.is}`, async (context) => {
          context.skip(missing !== undefined, missing);
          await playCase({ who, how, when }, cell);
        });
      }
    }
  });
}
