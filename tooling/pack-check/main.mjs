// Uses the packages as a stranger would: from their tarballs, in empty projects, installed with npm.
// Usage: node main.mjs DIRECTORY_WITH_TARBALLS
import { access, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Project } from './project.mjs';
import { root } from '../scripts/paths.mjs';
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
  await checkMeasuring();
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

/** The packages together, in the first script of the README: it runs tasks on HTEX, in workers that know only tarballs. */
async function checkTogether() {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const script = /<!-- first-script -->\s*```ts\n(.*?)```/s.exec(readme)?.[1];
  if (script === undefined)
    throw new Error('README.md has no block of TypeScript after <!-- first-script -->');

  const project = await newProject('together');
  const packages = manifests.map(({ name }) => name).filter((name) => script.includes(`'${name}'`));
  await project.install(packages, tarballs);
  await project.write('first.ts', script);
  await project.compile();
  const printed = await project.run('node', 'out/first.js');
  if (!/^pi is about 3\.\d+, computed by [1-9]\d* worker process/.test(printed)) {
    throw new Error(`The first script of the README printed: ${printed}`);
  }
}

/** The command line, alone in a project: a configuration in TypeScript is loaded, and its workers run what the command ships. */
async function checkMeasuring() {
  const project = await newProject('measuring');
  await project.install(['@parsl-ts/cli'], tarballs);
  await project.write(
    'parsl.config.ts',
    `import { defineConfig } from '@parsl-ts/cli';
import { HighThroughputExecutor } from '@parsl-ts/htex';
import { LocalProvider } from '@parsl-ts/provider-local';

const provider: LocalProvider = new LocalProvider();
export default defineConfig({ executors: [new HighThroughputExecutor({ label: 'cpu', provider })] });
`,
  );
  const argv = ['@parsl-ts/cli', 'perf', '--json', '--config', 'parsl.config.ts', '--iterate', '10,100'];
  const { executors, iterations } = JSON.parse(await project.run('npx', '--no', ...argv));
  if (executors[0] !== 'cpu' || iterations[1]?.tasks !== 100) {
    throw new Error(`parsl-ts perf measured ${JSON.stringify({ executors, iterations })}`);
  }
}

/** @param {string} name */
async function newProject(name) {
  const dir = join(workDir, name);
  await mkdir(dir);
  return new Project(dir);
}
