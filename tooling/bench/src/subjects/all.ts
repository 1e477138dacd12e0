import type { Subject } from '../subject.js';
import { htexEncrypted, htexPlain } from './htex.js';
import { piscina } from './piscina.js';

export const subjects: readonly Subject[] = [htexEncrypted, htexPlain, piscina];
