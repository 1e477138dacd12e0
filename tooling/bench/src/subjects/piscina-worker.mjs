import { give as giveBytes, noop } from '../tasks.js';

export default noop;

export { take } from '../tasks.js';

/** @param {{ size: number, fill: number }} options */
export const give = ({ size, fill }) => giveBytes(size, fill);
