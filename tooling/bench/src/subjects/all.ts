import type { Subject } from '../subject.js';
import { htexEncrypted, htexPlain } from './htex.js';
import { piscina, piscinaAhead } from './piscina.js';

export const subjects: readonly Subject[] = [htexEncrypted, htexPlain, piscina, piscinaAhead];
