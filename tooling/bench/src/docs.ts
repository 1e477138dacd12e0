import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const page = fileURLToPath(new URL('../../../docs/performance.md', import.meta.url));

/** What stands between these lines of the page comes from here. */
const BEGIN = '<!-- bench: begin -->';
const END = '<!-- bench: end -->';

/** Puts the tables of a run into the documentation, in the place of those that stand there. */
export async function writeIntoDocs(tables: string): Promise<void> {
  await writeFile(page, withTables(await readFile(page, 'utf8'), tables));
}

/** @throws Error when the page has no place for tables */
export function withTables(text: string, tables: string): string {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`The page has no lines '${BEGIN}' and '${END}'`);
  return `${text.slice(0, begin + BEGIN.length)}\n\n\`\`\`text\n${tables}\n\`\`\`\n\n${text.slice(end)}`;
}
