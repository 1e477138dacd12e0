import type { AnyFunction, BundleOptions, CodeBundle } from '@parsl-ts/bundler';

/** Packs a function value. The bundler is loaded when it is first needed: many runs never ship a function. */
export async function packFunction(fn: AnyFunction, options: BundleOptions): Promise<CodeBundle> {
  const { bundleFunction } = await import('@parsl-ts/bundler');
  return bundleFunction(fn, options);
}

/** Packs a function that is exported by a module. */
export async function packExport(url: string, name: string, options: BundleOptions): Promise<CodeBundle> {
  const { bundleExport } = await import('@parsl-ts/bundler');
  return bundleExport(url, name, options);
}
