import { describe, test } from 'vitest';
import { HOW, WHO, WHEN } from './combination.js';
import { playProcessCase } from './play.js';
import { ROLES } from './moments.js';
import { TABLE } from './table.js';

for (const who of WHO) {
  if (!(who in ROLES) || who === 'interchange') continue;
  describe(who, { concurrent: true }, () => {
    for (const how of HOW[who]) {
      for (const [column, when] of WHEN.entries()) {
        const cell = TABLE[who][how]?.[column];
        if (cell === undefined || cell.is === 'no case') continue;
        test(`${how}, ${when}: ${cell.is}`, async () => {
          if (who in ROLES) await playProcessCase({ who, how, when }, cell);
        });
      }
    }
  });
}
