import { createRequire } from 'node:module';
import type * as acorn from 'acorn';
import type { AnyFunction } from './contract.js';
import { functionKind, parseFunctionText } from './function-text.js';

const known = new WeakMap<AnyFunction, readonly string[]>();

const word = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*`;
/** A head whose parameters are plain names; anything else needs the parser. */
const plainHead = new RegExp(
  String.raw`^(?:async\s+)?(?:function\s*\*?\s*(?:${word})?\s*\(\s*(?<declared>${word}(?:\s*,\s*${word})*)?\s*\)` +
    String.raw`|\(\s*(?<listed>${word}(?:\s*,\s*${word})*)?\s*\)\s*=>|(?<single>${word})\s*=>)`,
  'u',
);

/**
 * Names of a function's parameters in order. A destructured parameter has the name `''`, a rest parameter starts with
 * `...`; a default value does not matter. Empty for native and bound functions.
 */
export function parameterNames(fn: AnyFunction): readonly string[] {
  let names = known.get(fn);
  if (names === undefined) {
    names = readNames(fn);
    known.set(fn, names);
  }
  return names;
}

function readNames(fn: AnyFunction): readonly string[] {
  const text = Function.prototype.toString.call(fn);
  const groups = plainHead.exec(text)?.groups;
  if (groups !== undefined) {
    const list = groups['declared'] ?? groups['listed'] ?? groups['single'] ?? '';
    return list === '' ? [] : list.split(',').map((name) => name.trim());
  }
  if (functionKind(fn) !== 'source') return [];
  const node = parseFunctionText(loadParser(), text)?.node;
  return node === undefined ? [] : node.params.map(patternName);
}

function patternName(pattern: acorn.Pattern): string {
  switch (pattern.type) {
    case 'Identifier':
      return pattern.name;
    case 'AssignmentPattern':
      return patternName(pattern.left);
    case 'RestElement':
      return `...${patternName(pattern.argument)}`;
    default:
      return '';
  }
}

let parser: typeof acorn | undefined;

/** The caller cannot wait, and most functions never need the parser, so it is loaded here and not at the top. */
function loadParser(): typeof acorn {
  parser ??= loadAcorn();
  return parser;
}

function loadAcorn(): typeof acorn {
  const loaded: unknown = createRequire(import.meta.url)('acorn');
  if (!isParser(loaded)) throw new TypeError('acorn is not installed as it should be');
  return loaded;
}

function isParser(loaded: unknown): loaded is typeof acorn {
  return typeof loaded === 'object' && loaded !== null && 'parseExpressionAt' in loaded;
}
