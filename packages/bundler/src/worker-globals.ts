/** Enumerable data properties that Node.js itself puts on the global object. */
const nodeGlobals = new Set([
  'global',
  'clearImmediate',
  'setImmediate',
  'clearInterval',
  'clearTimeout',
  'setInterval',
  'setTimeout',
  'queueMicrotask',
  'structuredClone',
  'atob',
  'btoa',
  'performance',
  'fetch',
  'navigator',
  'crypto',
  'process',
  'Buffer',
]);

/**
 * Whether the program itself added a global, which a worker then lacks. Node's own globals are accessors or not
 * enumerable, apart from a few; a plain assignment gives an enumerable value.
 */
export function isAddedGlobal(name: string): boolean {
  if (nodeGlobals.has(name)) return false;
  const property = Object.getOwnPropertyDescriptor(globalThis, name);
  return property?.enumerable === true && 'value' in property;
}
