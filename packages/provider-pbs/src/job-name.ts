/** Characters of a job's name that PBS Pro takes. */
const LONGEST_NAME = 230;

/** Characters at the end of a name that no other job's name ends with. */
const OWN_CHARACTERS = 40;

/** What PBS is to call a job: its name, or the beginning and the end of one that is too long for PBS. */
export function jobName(name: string): string {
  return name.length <= LONGEST_NAME
    ? name
    : `${name.slice(0, LONGEST_NAME - OWN_CHARACTERS)}${name.slice(-OWN_CHARACTERS)}`;
}
