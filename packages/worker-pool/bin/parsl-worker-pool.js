#!/usr/bin/env node
// In words that old releases of Node.js understand, which the program itself is not.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major > 20 || (major === 20 && minor >= 19)) {
  import('../dist/bin/parsl-worker-pool.js');
} else {
  console.error(
    `parsl-worker-pool: needs Node.js 20.19 or later; ${process.execPath} is ${process.versions.node}`,
  );
  process.exitCode = 7;
}
