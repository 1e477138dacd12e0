import { preparePython, python, pythonSampler } from '../python/environment.js';
import type { Subject } from '../subject.js';

/** What `tooling/bench/python` measures, with its measures in one process. */
function pythonSubject(name: string, title: string, measures: readonly string[]): Subject {
  return {
    name,
    title,
    measures,
    together: true,
    prepare: preparePython,
    // Without files of compiled code beside the scripts.
    command: (wanted, workers) => [python, '-B', pythonSampler, name, String(workers), ...wanted],
  };
}

const short = ['throughput', 'latency', 'first-result', 'payload', 'dataflow'];

export const pythonSubjects: readonly Subject[] = [
  pythonSubject('parsl-htex', 'Parsl HTEX, not encrypted', [...short, 'memory', 'idle']),
  pythonSubject('parsl-htex-encrypted', 'Parsl HTEX', short),
  pythonSubject('parsl-threads', 'Parsl threads', short),
  pythonSubject('dask', 'Dask distributed', [...short, 'memory', 'idle']),
];
