/**
 * Makes an error without capturing a stack, which would show nothing but the kernel, and which costs more than all else
 * that is done for a task.
 */
export function withoutStack<T extends Error>(make: () => T): T {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = limit;
  }
}
