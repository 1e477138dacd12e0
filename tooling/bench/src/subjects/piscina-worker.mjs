/** @param {number} x */
export default function noop(x) {
  return x;
}
