import type { Subject } from '../subject.js';
import { htexEncrypted, htexPlain, htexPlain16, htexPlain256 } from './htex.js';
import { pipe16, pipe256 } from './pipe.js';
import { piscina, piscinaAhead } from './piscina.js';

export const subjects: readonly Subject[] = [
  pipe16,
  pipe256,
  htexEncrypted,
  htexPlain,
  htexPlain16,
  htexPlain256,
  piscina,
  piscinaAhead,
];
