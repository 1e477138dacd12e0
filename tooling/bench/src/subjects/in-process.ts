import { InlineExecutor, ThreadPoolExecutor } from '@parsl-ts/core';
import type { NodeSubject } from '../subject.js';
import { kernelSession } from './kernel-session.js';

export const threads: NodeSubject = {
  name: 'threads',
  title: 'ThreadPoolExecutor',
  measures: ['throughput', 'latency', 'first-result', 'payload', 'dataflow'],
  tasks: 50_000,
  processes: {},
  open: (workers) =>
    kernelSession(new ThreadPoolExecutor({ label: 'threads', minThreads: workers, maxThreads: workers })),
};

/** It has no workers: tasks run on the event loop of the submit process. */
export const inline: NodeSubject = {
  name: 'inline',
  title: 'InlineExecutor',
  measures: ['throughput', 'latency', 'first-result', 'dataflow', 'million'],
  tasks: 200_000,
  processes: {},
  open: () => kernelSession(new InlineExecutor({ label: 'inline' })),
};
