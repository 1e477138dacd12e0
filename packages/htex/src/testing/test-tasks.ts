import { createHash } from 'node:crypto';

import type { ExecutorContext, ExecutorTask, Logger, TaskFunction, TaskPlace } from '@parsl-ts/core';

const SILENT: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => SILENT,
};

/** A run for one executor without a kernel. */
export function testContext(runDir: string): ExecutorContext & { readonly fatalError: Promise<Error> } {
  let fatal: (error: Error) => void = () => undefined;
  const fatalError = new Promise<Error>((resolve) => (fatal = resolve));
  const blockEnd = () => Promise.resolve(undefined);
  return { runDir, runId: 'test-run', logger: SILENT, fatal, blockEnd, fatalError };
}

/** A function as a kernel would hand it over. `source` is an expression; it must not use what surrounds it. */
export function testFunction(source: string, contextIndex = -1): TaskFunction {
  const code = `export default ${source};\n`;
  const id = createHash('sha256').update(code).digest('hex');
  const mapStack = (stack: string) => stack.replaceAll(`${id}.mjs`, 'source.ts');
  return {
    name: source.slice(0, 20),
    fn: undefined,
    contextIndex,
    bundle: () => Promise.resolve({ id, code, mapStack }),
  };
}

let nextTaskId = 0;

/** One task, and a promise of its outcome. */
export class TestTask implements ExecutorTask {
  readonly taskId = nextTaskId++;
  readonly attempt = 0;
  readonly app: TaskFunction;
  readonly args: readonly unknown[];
  readonly priority: number | undefined;
  readonly timeoutMs: number | undefined;
  readonly stdout: string | undefined;
  readonly stderr: string | undefined;
  readonly outcome: Promise<unknown>;
  readonly place: Promise<TaskPlace>;
  succeeded: (value: unknown) => void = () => undefined;
  failed: (error: unknown) => void = () => undefined;
  started: (where: TaskPlace) => void = () => undefined;

  constructor(
    app: TaskFunction,
    args: readonly unknown[] = [],
    options: Partial<Pick<ExecutorTask, 'priority' | 'timeoutMs' | 'stdout' | 'stderr'>> = {},
  ) {
    this.app = app;
    this.args = args;
    this.priority = options.priority;
    this.timeoutMs = options.timeoutMs;
    this.stdout = options.stdout;
    this.stderr = options.stderr;
    this.outcome = new Promise((resolve, reject) => {
      this.succeeded = resolve;
      this.failed = reject;
    });
    this.outcome.catch(() => undefined);
    this.place = new Promise((resolve) => (this.started = resolve));
  }
}
