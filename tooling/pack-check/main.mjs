// Uses the packages as a stranger would: from their tarballs, in empty projects, installed with npm.
// Usage: node main.mjs DIRECTORY_WITH_TARBALLS
import { access, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Project } from './project.mjs';
import { packageDirs, readManifest } from '../scripts/workspace.mjs';

/** @import { Manifest } from '../scripts/workspace.mjs' */

const [tarballDir = '.'] = process.argv.slice(2);
const manifests = packageDirs()
  .map(readManifest)
  .filter((manifest) => manifest.private !== true);
const tarballs = new Map(
  manifests.map(({ name, version }) => [
    name,
    join(tarballDir, `${name.slice(1).replace('/', '-')}-${version}.tgz`),
  ]),
);

const workDir = await mkdtemp(join(tmpdir(), 'parsl-pack-check-'));
try {
  for (const manifest of manifests) await checkAlone(manifest);
  await checkTogether();
} finally {
  await rm(workDir, { recursive: true, force: true });
}

/**
 * One package by itself: its license, every entry point from an ES module, from `require()` and from strict TypeScript,
 * and its commands.
 *
 * @param {Manifest} manifest
 */
async function checkAlone(manifest) {
  const project = await newProject(manifest.name.replace(/\W+/g, '-'));
  await project.install([manifest.name], tarballs);
  await access(join(project.dir, 'node_modules', manifest.name, 'LICENSE'));

  const entries = Object.keys(manifest.exports ?? {})
    .filter((path) => path !== './package.json')
    .map((path) => manifest.name + path.slice(1));
  for (const [index, entry] of entries.entries()) {
    // An import that fell back to `any` would let the wrong assignment pass.
    const wrong = '// @ts-expect-error A module is not a number.\nexport const wrong: number = entry;\n';
    await project.write(
      `esm${index}.ts`,
      `import * as entry from '${entry}';\nconsole.log(Object.keys(entry).length);\n${wrong}`,
    );
    await project.write(
      `cjs${index}.cts`,
      `import entry = require('${entry}');\nconsole.log(Object.keys(entry).length);\n${wrong}`,
    );
  }
  await project.compile();
  for (const [index, entry] of entries.entries()) {
    const fromEsm = Number(await project.run('node', `out/esm${index}.js`));
    const fromCjs = Number(
      await project.run('node', '--disable-warning=ExperimentalWarning', `out/cjs${index}.cjs`),
    );
    if (!(fromEsm > 0) || fromCjs < fromEsm) {
      throw new Error(`${entry} gives ${fromEsm} names to an ES module and ${fromCjs} to require()`);
    }
  }
  for (const command of Object.keys(manifest.bin ?? {})) {
    await project.run(join('node_modules', '.bin', command), '--help');
  }
}

/** The packages of a first script together: it runs a task on HTEX, in a worker that knows only the tarballs. */
async function checkTogether() {
  const project = await newProject('together');
  await project.install(['@parsl-ts/core', '@parsl-ts/htex', '@parsl-ts/provider-local'], tarballs);
  await project.write('hello.ts', await readFile(new URL('fixtures/hello.ts', import.meta.url), 'utf8'));
  await project.compile();
  const printed = await project.run('node', 'out/hello.js');
  if (printed !== 'The answer is 42\n') throw new Error(`hello.ts printed: ${printed}`);
}

/** @param {string} name */
async function newProject(name) {
  const dir = join(workDir, name);
  await mkdir(dir);
  return new Project(dir);
}
