import { dirname } from 'node:path';
import { bundleExport } from './bundle-export.js';
import type { AnyFunction, BundleOptions, CodeBundle, SourceLocation } from './contract.js';
import { functionKind } from './function-text.js';
import { FunctionNotShippableError, type ShippingProblem } from './function-not-shippable-error.js';
import { functionSources, type FoundFunction } from './function-sources.js';
import { locateFunction } from './locate-function.js';
import { pack } from './pack.js';
import { sliceFunction } from './slice.js';
import { sliceOrigin } from './slice-origin.js';

const bundles = new WeakMap<AnyFunction, Map<string, Promise<CodeBundle>>>();

/**
 * Packs a function with all it reaches, so that it runs in a process that sees nothing of the project. Made once per
 * function and options.
 *
 * @throws FunctionNotShippableError if that is not possible; it says why and what to do.
 */
export function bundleFunction(fn: AnyFunction, options: BundleOptions = {}): Promise<CodeBundle> {
  const key = JSON.stringify([options.module, options.external]);
  const known = bundles.get(fn) ?? new Map<string, Promise<CodeBundle>>();
  bundles.set(fn, known);
  let bundle = known.get(key);
  if (bundle === undefined) {
    bundle = createBundle(fn, options);
    known.set(key, bundle);
    // A failure may pass, for instance when a missing package is installed.
    bundle.catch(() => known.delete(key));
  }
  return bundle;
}

async function createBundle(fn: AnyFunction, options: BundleOptions): Promise<CodeBundle> {
  const kind = functionKind(fn);
  if (kind !== 'source') throw await refusal(fn, [kindProblem(kind, fn)]);
  let problems: readonly ShippingProblem[] | undefined;
  let location: SourceLocation | undefined;
  for await (const found of functionSources(fn, options)) {
    const result = await ship(found, options);
    if ('id' in result) return result;
    // What the best source says is what the user can do something about.
    problems ??= result;
    location ??= found.source.placeOf(found.fn.start);
  }
  const byName = problems === undefined ? await bundleByName(fn, options) : undefined;
  if (byName !== undefined) return byName;
  throw await refusal(fn, problems ?? [notFound()], location);
}

async function ship(
  found: FoundFunction,
  options: BundleOptions,
): Promise<CodeBundle | readonly ShippingProblem[]> {
  const slice = sliceFunction(found.source, found.fn);
  if (!('code' in slice)) return slice;
  return pack({
    code: slice.code,
    directory: dirname(found.source.file),
    external: options.external ?? [],
    allowsMainScript: false,
    originOf: sliceOrigin(slice, found.source),
  });
}

/** A module that was named but whose text does not show the function, such as one that makes it by a call. */
async function bundleByName(
  fn: AnyFunction,
  { module, ...options }: BundleOptions,
): Promise<CodeBundle | undefined> {
  if (module === undefined || fn.name === '') return undefined;
  try {
    return await bundleExport(module, fn.name, options);
  } catch (error) {
    if (error instanceof FunctionNotShippableError) return undefined;
    throw error;
  }
}

async function refusal(
  fn: AnyFunction,
  problems: readonly ShippingProblem[],
  location?: SourceLocation,
): Promise<FunctionNotShippableError> {
  return new FunctionNotShippableError({
    functionName: fn.name,
    location: location ?? (await locateFunction(fn)),
    problems,
  });
}

function kindProblem(
  kind: 'bound-function' | 'class' | 'native-function',
  { name }: AnyFunction,
): ShippingProblem {
  const what = {
    'bound-function': 'is a bound function, whose source and values cannot be read',
    class: 'is a class, and apps are functions',
    'native-function': 'is built into Node.js, or into a package as compiled code, and has no source',
  };
  const inner = kind === 'bound-function' ? name.replace(/^bound /, '') : name;
  return {
    kind,
    name,
    detail: what[kind],
    place: undefined,
    remedy: `Wrap it in a function: (…args) => ${kind === 'class' ? 'new ' : ''}${inner === '' ? 'f' : inner}(…args).`,
  };
}

function notFound(): ShippingProblem {
  return {
    kind: 'not-found',
    name: '',
    detail: 'has a source that could not be found',
    place: undefined,
    remedy: 'Name its module with the option module: import.meta.url, or use appFrom.',
  };
}
