import { randomFillSync } from 'node:crypto';

import type { Executor } from '@parsl-ts/core';

import { nextTasks } from './iteration-plan.js';
import { measureLatency } from './latency.js';
import { noop } from './noop.js';
import type { IterationReport, Measurement, PerfFacts, StartReport } from './report.js';
import { outstandingLimit, runIteration } from './run-iteration.js';
import type { Subject } from './subject.js';

/** Hears of a measurement while it goes on. */
export interface MeasureListener {
  /** The kernel stands, and a first task is under way. */
  loaded(runDir: string): void;
  /** The first result is there. */
  started(start: StartReport): void;
  /** An iteration begins. */
  iterating(tasks: number): void;
  /** An iteration has ended. */
  iterated(iteration: IterationReport): void;
}

/**
 * Measures a configuration: the time to the first result, iterations as planned, and the time of one task alone.
 *
 * @throws what keeps the kernel from starting, or a task from succeeding
 */
export async function measure(
  subject: Subject,
  facts: PerfFacts,
  listener: MeasureListener,
): Promise<Measurement> {
  const { core, config, executors } = subject;
  const payload = payloadOf(facts.argBytes);
  const begin = performance.now();
  const kernel = await core.DataFlowKernel.start({ ...config, executors });
  const loadMs = performance.now() - begin;
  try {
    const app = kernel.app(noop);
    const call = (): PromiseLike<unknown> => app(payload, facts.resultBytes);
    listener.loaded(kernel.runDir);
    await call();
    const start = { loadMs, firstResultMs: performance.now() - begin };
    listener.started(start);
    const iterations = await iterate(call, executors, facts, listener);
    return { runDir: kernel.runDir, ...start, iterations, latency: await measureLatency(call) };
  } finally {
    await kernel.close();
  }
}

/** Random, lest a network that compresses does well on nothing. */
function payloadOf(bytes: number): Uint8Array | undefined {
  return bytes === 0 ? undefined : randomFillSync(new Uint8Array(bytes));
}

async function iterate(
  call: () => PromiseLike<unknown>,
  executors: readonly Executor[],
  { iterate: plan, timeMs, argBytes, resultBytes }: PerfFacts,
  listener: MeasureListener,
): Promise<readonly IterationReport[]> {
  const bytes = argBytes + resultBytes;
  const iterations: IterationReport[] = [];
  for (;;) {
    const tasks = nextTasks(plan, timeMs, iterations);
    if (tasks === undefined) return iterations;
    listener.iterating(tasks);
    const { submitMs, runMs } = await runIteration(call, tasks, outstandingLimit(bytes));
    const rate = (1000 * tasks) / runMs;
    const iteration: IterationReport = {
      tasks,
      workers: executors.reduce((sum, { capacity }) => sum + capacity, 0),
      submitMs,
      submitRate: (1000 * tasks) / submitMs,
      runMs,
      rate,
      mbPerSecond: (rate * bytes) / 1_000_000,
    };
    iterations.push(iteration);
    listener.iterated(iteration);
  }
}
