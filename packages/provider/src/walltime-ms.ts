/** How long a walltime `HH:MM:SS` is, in ms. */
export function walltimeMs(walltime: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = walltime.split(':').map(Number);
  return ((hours * 60 + minutes) * 60 + seconds) * 1000;
}
