/** How much is simulated. */
export interface Size {
  readonly managers: number;
  /** Workers of each manager. */
  readonly workersEach: number;
}

export function workersOf({ managers, workersEach }: Size): number {
  return managers * workersEach;
}
