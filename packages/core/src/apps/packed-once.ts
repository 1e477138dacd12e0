import { FunctionNotShippableError } from '@parsl-ts/bundler';

/**
 * What is made of a function when it is first asked for, and kept. That a function cannot be shipped is kept, too. Any
 * other failure may pass, such as that of a disk that is full or of too many open files: whoever asks next has it made anew.
 */
export class PackedOnce<T> {
  readonly #pack: () => Promise<T>;
  #packed: Promise<T> | undefined;

  constructor(pack: () => Promise<T>) {
    this.#pack = pack;
  }

  get(): Promise<T> {
    if (this.#packed === undefined) {
      this.#packed = this.#pack();
      this.#packed.catch((error: unknown) => {
        if (!(error instanceof FunctionNotShippableError)) {
          this.#packed = undefined;
        }
      });
    }
    return this.#packed;
  }
}
