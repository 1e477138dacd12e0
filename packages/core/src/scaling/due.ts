/** What is to be done now, and when there is more to do (ms); `Infinity`: not before something happens. */
export interface Due<T> {
  readonly due: T[];
  nextAt: number;
}

/** Nothing is to be done. */
export function noneDue<T>(): Due<T> {
  return { due: [], nextAt: Infinity };
}
