/**
 * Where `entry`, a function that is running, was called: such as `study.ts:14`. `undefined` where the stack does not tell.
 *
 * The stack has this one place and no more: Node.js may have to read the source map of each file in it.
 */
export function callSite(entry: (...args: never[]) => unknown): string | undefined {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 1;
  try {
    const holder: { readonly stack?: unknown } = {};
    Error.captureStackTrace(holder, entry);
    // Something else than a text where the program formats stacks itself.
    const frame = typeof holder.stack === 'string' ? holder.stack.split('\n').at(-1) : undefined;
    const [, file, line] = /([^/\\:()?]+)(?:\?[^:]*)?:(\d+):\d+\)?$/.exec(frame ?? '') ?? [];
    return file === undefined || line === undefined ? undefined : `${file}:${line}`;
  } finally {
    Error.stackTraceLimit = limit;
  }
}
