export { bundleExport } from './bundle-export.js';
export { bundleFunction } from './bundle-function.js';
export type { AnyFunction, BundleOptions, CodeBundle, SourceLocation } from './contract.js';
export { FunctionNotShippableError } from './function-not-shippable-error.js';
export type {
  FunctionNotShippableOptions,
  ShippingProblem,
  ShippingProblemKind,
} from './function-not-shippable-error.js';
export { locateFunction } from './locate-function.js';
export { parameterNames } from './parameter-names.js';
export { warmUp } from './warm-up.js';
