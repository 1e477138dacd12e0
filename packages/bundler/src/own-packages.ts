const ownPackage =
  /^@parsl-ts\/(?:bundler|cli|core|htex|monitoring|provider(?:-\w+)?|wire|worker-pool)(?:\/|$)/;

/** What of these packages means something on a worker: apps are plain functions there, and errors can be thrown. */
const portable = /^(?:\*|app|joinApp|default|[A-Z]\w*(?:Error|Lost|Timeout|Cancelled))$/;

/** Matches import specifiers of this system's own packages, for use as a filter. */
export const ownPackageFilter = ownPackage;

/** Whether an import specifier names a package of this system. */
export function isOwnPackage(specifier: string): boolean {
  return ownPackage.test(specifier);
}

/** Whether an export of such a package can be used in a function that is shipped. */
export function isPortable(exportName: string): boolean {
  return portable.test(exportName);
}
