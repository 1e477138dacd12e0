import { AppTimeoutError, type AbortTask } from '@parsl-ts/wire';

/** What a function gets as its context, beside the signal. */
export interface TaskFacts {
  /** Number of the task in its kernel. */
  readonly taskId: number;
  /** Number of the try, from 0. */
  readonly attempt: number;
  /** `{manager}/{rank}`. */
  readonly worker: string;
}

/** One run of a function, and its signal, which is made only if somebody looks at it. */
export class TaskRun {
  readonly submission: number;
  /** Index by which task records name the function. */
  readonly functionIndex: number;
  private readonly timeoutMs: number;
  private controller: AbortController | undefined;
  private abortReason: Error | undefined;

  constructor(submission: number, functionIndex: number, timeoutMs: number) {
    this.submission = submission;
    this.functionIndex = functionIndex;
    this.timeoutMs = timeoutMs;
  }

  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      if (this.abortReason !== undefined) this.controller.abort(this.abortReason);
    }
    return this.controller.signal;
  }

  abort(order: AbortTask): void {
    this.abortReason ??= order.timeout
      ? new AppTimeoutError(this.timeoutMs, 'it was told to stop')
      : new DOMException(order.reason, 'AbortError');
    this.controller?.abort(this.abortReason);
  }

  /** The object that the function gets. */
  context(facts: TaskFacts): object {
    const context = { ...facts };
    return Object.defineProperty(context, 'signal', { get: () => this.signal, enumerable: true });
  }
}
