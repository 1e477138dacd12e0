/** Descriptors of an interchange process. */
export const INTERCHANGE_FD = {
  /** A socket on which the submit process says what is to be done. Its end is the end of that process. */
  orders: 3,
  /** A socket for what the interchange says. */
  answers: 4,
  /** The files of its journal of assignments. */
  journal: [5, 6],
} as const;
