/** The interchange cannot listen as it was told to. */
export class BindError extends Error {
  /** The option of the executor at fault. */
  readonly option: string;

  constructor(option: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.option = option;
  }
}
