import type { Session } from 'node:inspector';
import type { AnyFunction } from './contract.js';

/** Where V8 holds the code of a function. */
export interface RunningFunction {
  /** Identifies the script within this thread. */
  readonly scriptId: string;
  /** URL or path under which it was loaded, empty for evaluated text. */
  readonly url: string;
  /** Its source map: a URL, often `data:`, or empty. */
  readonly sourceMapUrl: string;
  /** Where the function starts, from 0: at its parameters, or at the start of an arrow function. */
  readonly line: number;
  readonly column: number;
  /** The text that runs, which loaders may have compiled. */
  scriptSource(): string;
}

/** Finds a function's code through V8; `undefined` where Node.js denies it, and for functions without code. */
export async function findRunningFunction(fn: AnyFunction): Promise<RunningFunction | undefined> {
  return (await openInspector())?.find(fn);
}

/** Opens the connection to V8, which takes longest the first time, and keeps it. */
export function openInspector(): Promise<Inspector | undefined> {
  opening ??= connect();
  return opening;
}

let opening: Promise<Inspector | undefined> | undefined;

async function connect(): Promise<Inspector | undefined> {
  try {
    const { Session } = await import('node:inspector');
    return new Inspector(new Session());
  } catch {
    // Built without it, denied by the permission model, or another runtime: there are other ways to find a function.
    return undefined;
  }
}

/** Where a function waits to be looked at; on `process`, because a `vm` context has a global object of its own. */
const slot = Symbol.for('@parsl-ts/bundler.located');

interface Script {
  readonly url: string;
  readonly sourceMapUrl: string;
}

class Inspector {
  readonly #session: Session;
  readonly #scripts = new Map<string, Script>();

  constructor(session: Session) {
    this.#session = session;
    session.connect();
    session.on('Debugger.scriptParsed', ({ params }) => {
      if (params.url === '' || params.url.startsWith('node:')) return;
      this.#scripts.set(params.scriptId, { url: params.url, sourceMapUrl: params.sourceMapURL ?? '' });
    });
    session.post('Debugger.enable');
    // A pause would stop the very thread that could end it.
    session.post('Debugger.setSkipAllPauses', { skip: true });
  }

  find(fn: AnyFunction): RunningFunction | undefined {
    const place = this.#location(fn);
    if (place === undefined) return undefined;
    const { scriptId, line, column } = place;
    const script = this.#scripts.get(scriptId) ?? { url: '', sourceMapUrl: '' };
    return { ...script, scriptId, line, column, scriptSource: () => this.#source(scriptId) };
  }

  #location(fn: AnyFunction): { scriptId: string; line: number; column: number } | undefined {
    let found: unknown;
    Reflect.set(process, slot, fn);
    const expression = `process[Symbol.for(${JSON.stringify(slot.description)})]`;
    this.#session.post(
      'Runtime.evaluate',
      { expression, objectGroup: slot.description },
      (error, evaluated) => {
        if (error !== null || evaluated.result.objectId === undefined) return;
        const { objectId } = evaluated.result;
        this.#session.post(
          'Runtime.getProperties',
          { objectId, ownProperties: true },
          (failure, properties) => {
            if (failure !== null) return;
            found = properties.internalProperties?.find(({ name }) => name === '[[FunctionLocation]]')?.value
              ?.value;
          },
        );
      },
    );
    Reflect.deleteProperty(process, slot);
    this.#session.post('Runtime.releaseObjectGroup', { objectGroup: slot.description ?? '' });
    return readLocation(found);
  }

  #source(scriptId: string): string {
    let source = '';
    this.#session.post('Debugger.getScriptSource', { scriptId }, (error, result) => {
      if (error === null) source = result.scriptSource;
    });
    return source;
  }
}

function readLocation(value: unknown): { scriptId: string; line: number; column: number } | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('scriptId' in value) || typeof value.scriptId !== 'string') return undefined;
  if (!('lineNumber' in value) || typeof value.lineNumber !== 'number') return undefined;
  const column = 'columnNumber' in value && typeof value.columnNumber === 'number' ? value.columnNumber : 0;
  return { scriptId: value.scriptId, line: value.lineNumber, column };
}
