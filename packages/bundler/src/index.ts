export type { AnyFunction, BundleOptions, CodeBundle, SourceLocation } from './contract.js';
