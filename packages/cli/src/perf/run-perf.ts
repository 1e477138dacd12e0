import { hostname } from 'node:os';

import type { Executor } from '@parsl-ts/core';

import { isConfigurationError, problem } from '../config/load-config.js';
import { formatCount } from './figures.js';
import { measure, type MeasureListener } from './measure.js';
import type { PerfOptions } from './perf-options.js';
import { poolsByHand } from './pools-by-hand.js';
import type { Measurement, PerfFacts, PerfReport } from './report.js';
import { findSubject, type Subject } from './subject.js';
import { terminal } from './terminal.js';
import { describeFacts, describeMeasurement, describeStart, IterationTable } from './text.js';

/**
 * Runs `parsl-ts perf`.
 *
 * @throws CommandError when the configuration is wrong; what keeps the kernel from starting, or a task from succeeding
 */
export async function runPerf(options: PerfOptions): Promise<void> {
  const { config, executor = [], json = false } = options;
  const subject = await findSubject(config, executor);
  const facts = factsOf(subject, options);
  terminal.state('loading …');
  try {
    const measurement = await measure(subject, facts, tellAbout(facts, subject.executors, json));
    terminal.print(json ? asJson(facts, measurement) : `\n${describeMeasurement(measurement)}`);
  } catch (error) {
    terminal.state('');
    throw isConfigurationError(error) ? problem(config, error.message, error) : error;
  }
}

function factsOf({ version, file, executors }: Subject, options: PerfOptions): PerfFacts {
  return {
    version,
    node: process.version,
    host: hostname(),
    platform: `${process.platform} ${process.arch}`,
    config: file ?? null,
    executors: executors.map(({ label }) => label),
    iterate: options.iterate,
    timeMs: options.time * 1000,
    argBytes: options.argSize,
    resultBytes: options.resultSize,
  };
}

function tellAbout(facts: PerfFacts, executors: readonly Executor[], json: boolean): MeasureListener {
  const table = new IterationTable(facts);
  const print = (text: string): void => {
    if (!json) terminal.print(text);
  };
  let iterations = 0;
  return {
    loaded: (runDir) => {
      print(`${describeFacts(facts, runDir)}\n`);
      for (const [label, command] of poolsByHand(executors)) {
        terminal.note(`executor '${label}' waits for worker pools; start them with:\n${command}\n`);
      }
      terminal.state('waiting for the first result …');
    },
    started: (start) => {
      print(`${describeStart(start)}\n${table.head}`);
    },
    iterating: (tasks) => {
      iterations += 1;
      terminal.state(`iteration ${iterations}, ${formatCount(tasks, 'task')} …`);
    },
    iterated: (iteration) => {
      print(table.line(iteration));
      terminal.state('measuring latency …');
    },
  };
}

function asJson(facts: PerfFacts, measurement: Measurement): string {
  const report: PerfReport = { date: new Date().toISOString(), ...facts, ...measurement };
  return `${JSON.stringify(report, undefined, 2)}\n`;
}
