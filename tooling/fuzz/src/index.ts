export { attack, FuzzError, type AttackOptions, type Target } from './attack.js';
export { bundle, unbundle } from './bundle.js';
export { attackTimeoutMs, framesPerTarget, fuzzSeed } from './frames-per-target.js';
export type { Figures } from './figures.js';
export { noteFigures } from './note-figures.js';
export { mutate } from './mutate.js';
export { RandomBits } from './random-bits.js';
