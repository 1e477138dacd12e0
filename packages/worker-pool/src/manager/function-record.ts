import { RuntimeEstimate } from './runtime-estimate.js';

/** What the manager knows of one function. */
export class FunctionRecord {
  readonly index: number;
  /** Why it can never run here; `undefined` if it can. */
  readonly error: Error | undefined;
  readonly runtime = new RuntimeEstimate();

  constructor(index: number, error?: Error) {
    this.index = index;
    this.error = error;
  }
}
