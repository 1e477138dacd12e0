import { ParslError, type FunctionFile } from '@parsl-ts/wire';

type AnyFunction = (...args: unknown[]) => unknown;

/** A function that tasks of this worker name by its index. */
export interface WorkerFunction {
  readonly name: string;
  readonly contextIndex: number;
  /** `undefined` until it is loaded. */
  call: AnyFunction | undefined;
  /** Loads it; the same promise every time. Rejects with what its module threw. */
  load(): Promise<AnyFunction>;
}

/** The functions that the manager has announced. */
export class FunctionTable {
  private readonly functions = new Map<number, WorkerFunction>();

  add(file: FunctionFile): void {
    let loading: Promise<AnyFunction> | undefined;
    const fn: WorkerFunction = {
      name: file.name,
      contextIndex: file.contextIndex,
      call: undefined,
      load: () => (loading ??= importDefault(file).then((call) => (fn.call = call))),
    };
    this.functions.set(file.index, fn);
  }

  /** @throws ParslError when it was not announced. */
  get(index: number): WorkerFunction {
    const fn = this.functions.get(index);
    if (fn === undefined)
      throw new ParslError('PARSL_PROTOCOL', `function ${String(index)} is not known here`);
    return fn;
  }
}

async function importDefault(file: FunctionFile): Promise<AnyFunction> {
  const module: unknown = await import(file.url);
  const call: unknown =
    typeof module === 'object' && module !== null ? Reflect.get(module, 'default') : undefined;
  if (!isFunction(call)) {
    throw new ParslError(
      'PARSL_FUNCTION_NOT_LOADED',
      `the module of '${file.name}' has no function as its default export`,
    );
  }
  return call;
}

function isFunction(value: unknown): value is AnyFunction {
  return typeof value === 'function';
}
