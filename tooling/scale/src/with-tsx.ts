import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** Options of Node.js with which it runs the TypeScript of this package, whatever the current directory is. */
export const WITH_TSX: readonly string[] = [
  '--import',
  pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href,
];
