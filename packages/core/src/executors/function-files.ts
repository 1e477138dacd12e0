import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CodeBundle } from '@parsl-ts/bundler';
import { PackedOnce } from '../apps/packed-once.js';
import type { TaskFunction } from '../executor.js';

/** The code of an app's function, in a file that can be imported. */
export interface FunctionFile {
  /** URL of an ES module whose default export is the function. */
  readonly url: string;
  readonly bundle: CodeBundle;
}

/** Packs functions into files of the run's directory, each once. */
export class FunctionFiles {
  readonly #directory: string;
  readonly #files = new WeakMap<TaskFunction, PackedOnce<FunctionFile>>();
  readonly #ready = new WeakMap<TaskFunction, FunctionFile>();

  constructor(runDir: string) {
    this.#directory = join(runDir, 'functions');
  }

  /** Where the function's code is, if it has been packed. */
  ready(app: TaskFunction): FunctionFile | undefined {
    return this.#ready.get(app);
  }

  /** Where the function's code is. Rejects when it cannot be packed. */
  file(app: TaskFunction): Promise<FunctionFile> {
    let file = this.#files.get(app);
    if (file === undefined) {
      file = new PackedOnce(() => this.#write(app));
      this.#files.set(app, file);
    }
    return file.get();
  }

  /** The function itself, from its file: for apps that have no value in this process. */
  async importFunction(app: TaskFunction): Promise<(...args: unknown[]) => unknown> {
    const { url } = await this.file(app);
    const module: unknown = await import(url);
    if (typeof module === 'object' && module !== null && 'default' in module && isCallable(module.default)) {
      return module.default;
    }
    throw new TypeError(`app '${app.name}' is not a function`);
  }

  async #write(app: TaskFunction): Promise<FunctionFile> {
    const bundle = await app.bundle();
    await mkdir(this.#directory, { recursive: true });
    const path = join(this.#directory, `${bundle.id}.mjs`);
    await writeFile(path, bundle.code);
    const file = { url: pathToFileURL(path).href, bundle };
    this.#ready.set(app, file);
    return file;
  }
}

function isCallable(value: unknown): value is (...args: unknown[]) => unknown {
  return typeof value === 'function';
}
