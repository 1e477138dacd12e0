import { expect, test } from 'vitest';
import { HOW, WHEN, WHO } from './combination.js';
import { TABLE } from './table.js';

test('the table has a case for each combination, or says why there is none', () => {
  const forgotten: string[] = [];
  const more: string[] = [];
  for (const who of WHO) {
    for (const how of HOW[who]) {
      const row = TABLE[who][how] ?? [];
      if (row.length > WHEN.length) more.push(`${who}, ${how}`);
      for (const [column, when] of WHEN.entries()) {
        const cell = row[column];
        if (cell === undefined || (cell.is === 'no case' && cell.why === '')) {
          forgotten.push(`${who}, ${how}, ${when}`);
        }
      }
    }
    const hows: readonly string[] = HOW[who];
    more.push(...Object.keys(TABLE[who]).filter((how) => !hows.includes(how)));
  }
  expect({ forgotten, more }).toEqual({ forgotten: [], more: [] });
});
