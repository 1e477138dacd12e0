import { fileURLToPath } from 'node:url';

/** The program that does the work. Its first lines say how to use it. */
export const PROGRAM = fileURLToPath(new URL('../bin/gridengine-bed', import.meta.url));
