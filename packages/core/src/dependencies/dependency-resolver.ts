/** Does for one child of a value what the kernel does for the whole: finds the futures in it, or replaces them. */
export type VisitDependency = (child: unknown) => unknown;

/**
 * Enters values that the kernel does not enter by itself: everything but arrays, plain objects and promises. Returns a
 * copy of `value` in which each child is what `visit` returned for it, or `value` itself when it has no children of
 * interest. Called twice for a value: first to find futures (what it returns is then ignored), and, if there are any,
 * again when they have values.
 */
export type DependencyResolver = (value: object, visit: VisitDependency) => unknown;

/** Finds futures among the keys and values of maps and the elements of sets. Use it as `dependencyResolver`. */
export const mapAndSetDependencies: DependencyResolver = (value, visit) => {
  if (value instanceof Map) {
    return new Map(Array.from(value, ([key, item]) => [visit(key), visit(item)]));
  }
  if (value instanceof Set) {
    return new Set(Array.from(value, (item) => visit(item)));
  }
  return value;
};
