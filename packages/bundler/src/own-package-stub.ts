import type { Plugin } from 'esbuild';
import { ownPackageFilter } from './own-packages.js';

const namespace = 'parsl-worker-stub';

/**
 * What `@parsl-ts/core` and its relatives are inside a bundle. Apps are their plain functions, so that a function may
 * call another app of its module; errors can be thrown and compared; everything else says that it has no place there.
 * The names are looked up when they are used, because which ones a module imports is not known here.
 */
const stub = `
const call = (fn) => Object.assign((...args) => fn(...args), { with: () => call(fn) });
const absent = (name) => function () {
  throw new Error(name + ' of @parsl-ts works in the submitting process only; it was used on a worker');
};
const known = { app: call, joinApp: call };
const errorClass = (name) => ({ [name]: class extends Error {
  constructor(...args) {
    const message = args.filter((arg) => typeof arg === 'string').at(-1);
    super(message, args.find((arg) => typeof arg === 'object' && arg !== null && 'cause' in arg));
    this.name = name;
    if (args.length > 1 && typeof args[0] === 'string' && args[0].startsWith('PARSL_')) this.code = args[0];
  }
} })[name];
const lookUp = (name) => (known[name] ??= /(?:Error|Lost|Timeout|Cancelled)$/.test(name) ? errorClass(name) : absent(name));
const get = (target, name) => typeof name !== 'string' || name in target || name === '__esModule' || name === 'then'
  ? target[name] : lookUp(name);
module.exports = Object.create(new Proxy({}, { get }), Object.getOwnPropertyDescriptors(known));
`;

/** Puts a small stand-in in the place of this system's own packages. */
export const ownPackageStub: Plugin = {
  name: 'parsl-own-packages',
  setup(build) {
    build.onResolve({ filter: ownPackageFilter }, () => ({
      path: 'parsl-ts',
      namespace,
      sideEffects: false,
    }));
    build.onLoad({ filter: /.*/, namespace }, () => ({ contents: stub, loader: 'js' }));
  },
};
