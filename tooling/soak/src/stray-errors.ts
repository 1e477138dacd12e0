/** Errors of this process that nobody has caught. */
export class StrayErrors implements Disposable {
  readonly found: string[] = [];

  constructor() {
    process.on('unhandledRejection', this.onRejection);
    process.on('uncaughtException', this.onException);
  }

  [Symbol.dispose](): void {
    process.off('unhandledRejection', this.onRejection);
    process.off('uncaughtException', this.onException);
  }

  private readonly onRejection = (reason: unknown): void => {
    this.found.push(`unhandled rejection in the submit process: ${textOf(reason)}`);
  };

  private readonly onException = (error: unknown): void => {
    this.found.push(`uncaught exception in the submit process: ${textOf(error)}`);
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
