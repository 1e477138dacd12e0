// What `npm run quickstart`, `npm test`, `npm run check`, `npm run bench` and `npm run scale` start. It needs Node and npm,
// nothing else: no package may be imported here, and nothing newer than the oldest Node that can still print a helpful
// message.
import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const [needMajor = 0, needMinor = 0] = manifest.engines.node.match(/\d+/g).map(Number);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < needMajor || (major === needMajor && minor < needMinor)) {
  console.error(
    `This project needs Node.js ${needMajor}.${needMinor} or later; this is ${process.versions.node} (${process.execPath}).\n` +
      `Install a current Node.js from https://nodejs.org, or try: npx --yes --package=node@22 -- npm run quickstart`,
  );
  process.exit(1);
}

const { runCommand } = await import('./commands.mjs');
await runCommand(process.argv[2], process.argv.slice(3));
