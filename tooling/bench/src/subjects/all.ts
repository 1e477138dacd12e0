import { fileURLToPath } from 'node:url';
import type { NodeSubject, Subject } from '../subject.js';
import { htexEncrypted, htexPlain, htexPlain16, htexPlain256 } from './htex.js';
import { inline, threads } from './in-process.js';
import { pipe16, pipe256, pipeToInterchange, pipeToManager } from './pipe.js';
import { piscina, piscinaAhead } from './piscina.js';
import { pythonSubjects } from './python.js';
import { workerpool } from './workerpool.js';

const sampler = fileURLToPath(new URL('../../dist/sampler.js', import.meta.url));

export const nodeSubjects: readonly NodeSubject[] = [
  pipe16,
  pipe256,
  pipeToManager,
  pipeToInterchange,
  htexPlain16,
  htexPlain256,
  htexPlain,
  htexEncrypted,
  threads,
  inline,
  piscina,
  piscinaAhead,
  workerpool,
];

export const subjects: readonly Subject[] = [
  ...nodeSubjects.map((subject) => ({
    ...subject,
    command: (measures: readonly string[], workers: number, scale = 1) => [
      ...[process.execPath, sampler],
      ...[subject.name, String(workers), String(scale), ...measures],
    ],
  })),
  ...pythonSubjects,
];
