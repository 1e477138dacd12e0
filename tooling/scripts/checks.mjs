import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { audit } from './audit.mjs';
import { installScriptProblems } from './install-scripts.mjs';
import { manifestProblems } from './manifests.mjs';
import { capture, formatSeconds } from './phase.mjs';
import { reportsDir, root } from './paths.mjs';
import { countsLine, total } from './suite-result.mjs';
import { bin, packageDirs, readManifest } from './workspace.mjs';

/** @import { SuiteResult } from './suite-result.mjs' */

/**
 * @typedef {object} Check
 * @property {string} name
 * @property {() => Promise<string | { skipped: string }>} run Resolves to what is wrong, empty if all is well, or to why
 *   nobody can tell.
 */

const tarballs = join(root, '.cache', 'tarballs');

/**
 * Runs the checks whose names contain one of `wanted`, prints a line for each, and writes `.reports/checks.json`.
 *
 * @param {readonly string[]} wanted all, if empty
 * @returns {Promise<number>} exit code
 */
export async function runChecks(wanted) {
  /** @type {SuiteResult} */
  const result = { suite: 'checks', passed: 0, failed: [], skipped: [], unsteady: [] };
  const select = (/** @type {Check} */ { name }) =>
    wanted.length === 0 || wanted.some((part) => name.includes(part));
  await runAll(sourceChecks().filter(select), result);
  const onPackages = packageChecks().filter(select);
  if (onPackages.length > 0) {
    rmSync(tarballs, { recursive: true, force: true });
    const packed = await runAll(packing(), result);
    if (packed) await runAll(onPackages, result);
  }
  mkdirSync(reportsDir, { recursive: true });
  writeFileSync(join(reportsDir, 'checks.json'), JSON.stringify(result, undefined, 2));
  const sum = total([result]);
  console.log(`\nChecks: ${countsLine(sum)}`);
  return sum.failed.length === 0 ? 0 : 1;
}

/** What can be said of the source as it stands. */
function sourceChecks() {
  return [
    command('lint', [bin('eslint'), '.', '--max-warnings', '0']),
    command('types', [bin('turbo'), 'run', 'typecheck', '--output-logs=errors-only']),
    command('types of the root', [bin('tsc'), '-p', '.']),
    command('format', [bin('prettier'), '--check', '--log-level=warn', '.']),
    command('import arrows and cycles', [
      bin('depcruise'),
      '--config=.dependency-cruiser.mjs',
      '--output-type=err-long',
      'packages',
      'apps',
      'tooling',
    ]),
    { name: 'manifests and arrows', run: async () => manifestProblems().join('\n') },
    { name: 'install scripts', run: async () => installScriptProblems().join('\n') },
    audited('audit of what is published', ['--prod']),
    audited('audit of everything', []),
  ];
}

/** What can be said of the packages as they would be published. */
function packageChecks() {
  const packages = publishedPackages();
  return [
    ...packages.map(({ name, tarball }) => command(`publint ${name}`, [bin('publint'), tarball, '--strict'])),
    ...packages.map(({ name, tarball }) =>
      command(`attw ${name}`, [bin('attw'), tarball, '--profile=esm-only', '--no-emoji', '--no-color']),
    ),
    command('pack check', [process.execPath, 'tooling/pack-check/main.mjs', tarballs]),
  ];
}

/** The packages that are published, and where `pnpm pack` puts each. */
function publishedPackages() {
  return packageDirs()
    .map((dir) => ({ dir, ...readManifest(dir) }))
    .filter((manifest) => manifest.private !== true)
    .map(({ dir, name, version }) => ({
      dir,
      name,
      tarball: join(tarballs, `${name.slice(1).replace('/', '-')}-${version}.tgz`),
    }));
}

/** Makes the tarballs that the other checks look at. */
function packing() {
  return publishedPackages().map(({ name }) =>
    command(`pack ${name}`, ['pnpm', `--filter=${name}`, 'pack', `--pack-destination=${tarballs}`]),
  );
}

/**
 * @param {string} name
 * @param {readonly string[]} argv
 * @returns {Check}
 */
function command(name, argv) {
  return {
    name,
    run: async () => {
      const { exitCode, all } = await capture(argv, { env: { NO_COLOR: '1' } });
      return exitCode === 0
        ? ''
        : `$ ${argv.join(' ').replaceAll(`${root}/`, '')}\n${all.trim() || `exit code ${exitCode}`}`;
    },
  };
}

/**
 * @param {string} name
 * @param {readonly string[]} flags
 * @returns {Check}
 */
function audited(name, flags) {
  return {
    name,
    run: async () => {
      const finding = await audit(flags);
      return 'problems' in finding ? finding.problems : finding;
    },
  };
}

/**
 * Runs checks two at a time.
 *
 * @param {readonly Check[]} checks
 * @param {SuiteResult} result takes what became of them
 * @returns {Promise<boolean>} whether all went well
 */
async function runAll(checks, result) {
  const waiting = [...checks];
  const failedBefore = result.failed.length;
  const lane = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const begin = performance.now();
      const problems = await check.run();
      if (typeof problems !== 'string') {
        console.log(`- ${check.name.padEnd(34)} skipped: ${problems.skipped}`);
        result.skipped.push({ name: check.name, reason: problems.skipped });
        continue;
      }
      const ok = problems === '';
      console.log(`${ok ? '✓' : '✗'} ${check.name.padEnd(34)} ${formatSeconds(performance.now() - begin)}`);
      if (ok) {
        result.passed += 1;
      } else {
        result.failed.push(check.name);
        console.error(`\n${problems.trimEnd()}\n`);
      }
    }
  };
  await Promise.all([lane(), lane()]);
  return result.failed.length === failedBefore;
}
