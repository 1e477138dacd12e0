import { bareCall } from './bare-call.js';
import type { SourceLocation } from './contract.js';
import { LineIndex } from './line-index.js';
import { completedBy, modulePieces, type Piece } from './module-pieces.js';
import { parseModule, type ParsedModule } from './parsed-module.js';
import type { Toolchain } from './toolchain.js';

/** Tells where a line and column, from 0, of compiled code stand in the user's source. */
export type OriginOf = (line: number, column: number) => SourceLocation | undefined;

/** A module from which functions are cut, analysed once. */
export interface ModuleSource {
  readonly module: ParsedModule;
  readonly lines: LineIndex;
  readonly pieces: readonly Piece[];
  /** By name of a variable: the statements that complete its value, see {@link completedBy}. */
  readonly completions: ReadonlyMap<string, readonly Piece[]>;
  /** By import specifier: calls of an imported `init_…`, by which a bundler fills the other imports from there. */
  readonly lateInitializers: ReadonlyMap<string, readonly Piece[]>;
  /** Absolute path of the file, from which its imports are resolved. */
  readonly file: string;
  /** Whether this is only the function's own text, so that names which it does not declare are of unknown origin. */
  readonly isFragment: boolean;
  /** Where an offset of the module's code stands in the user's source. */
  placeOf(offset: number): SourceLocation | undefined;
}

/** Analyses JavaScript. `originOf` leads from it to what the user wrote. Throws `SyntaxError`. */
export function analyzeModule(
  tools: Toolchain,
  code: string,
  file: string,
  originOf: OriginOf,
): ModuleSource {
  const module = parseModule(tools, code);
  const pieces = modulePieces(module);
  const lines = new LineIndex(code);
  const statements = pieces.filter((piece) => piece.kind === 'statement');
  return {
    module,
    lines,
    pieces,
    completions: listsBy(statements, (piece) => completedBy(module, piece.node)),
    lateInitializers: listsBy(statements, (piece) => lateInitializerOf(piece, pieces)),
    file,
    isFragment: false,
    placeOf: (offset) => {
      const { line, column } = lines.position(offset);
      return originOf(line, column);
    },
  };
}

function listsBy(pieces: readonly Piece[], keysOf: (piece: Piece) => Iterable<string>): Map<string, Piece[]> {
  const lists = new Map<string, Piece[]>();
  for (const piece of pieces) {
    for (const key of keysOf(piece)) {
      const list = lists.get(key);
      if (list === undefined) lists.set(key, [piece]);
      else list.push(piece);
    }
  }
  return lists;
}

function lateInitializerOf(piece: Piece, pieces: readonly Piece[]): string[] {
  const callee = bareCall(piece);
  if (callee?.startsWith('init_') !== true) return [];
  const from = pieces.find((other) => other.kind === 'import' && localName(other) === callee)?.from;
  return from === undefined ? [] : [from];
}

function localName({ node }: Piece): string | undefined {
  return 'local' in node && node.local.type === 'Identifier' ? node.local.name : undefined;
}
