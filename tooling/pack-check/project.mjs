import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { capture } from '../scripts/phase.mjs';
import { bin, readManifest } from '../scripts/workspace.mjs';

const { devDependencies = {} } = readManifest('.');

/** A project of somebody else's, into which packages are installed with npm. */
export class Project {
  /** @param {string} dir Absolute path of an empty directory. */
  constructor(dir) {
    this.dir = dir;
  }

  /**
   * Installs packages: those named from their tarballs, and any other of ours that they need from its tarball as well.
   *
   * @param {readonly string[]} names
   * @param {ReadonlyMap<string, string>} tarballs name to absolute path
   */
  async install(names, tarballs) {
    const specs = Object.fromEntries([...tarballs].map(([name, path]) => [name, `file:${path}`]));
    const dependencies = Object.fromEntries(names.map((name) => [name, specs[name]]));
    await this.write('package.json', {
      name: 'somebody-elses-project',
      private: true,
      type: 'module',
      dependencies: { ...dependencies, '@types/node': devDependencies['@types/node'] },
      overrides: specs,
    });
    await this.run(
      'npm',
      'install',
      // Many sites install so, and nothing here needs the scripts.
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--no-package-lock',
      '--prefer-offline',
      '--loglevel=error',
    );
  }

  /**
   * @param {string} file relative to the project
   * @param {string | object} content an object is written as JSON
   */
  async write(file, content) {
    const path = join(this.dir, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content, undefined, 2));
  }

  /**
   * Type-checks, with declaration files and all, and compiles every `.ts` and `.cts` file to `out/`.
   */
  async compile() {
    await this.write('tsconfig.json', {
      compilerOptions: {
        strict: true,
        target: 'ES2022',
        lib: ['ES2023', 'ESNext.Disposable'],
        module: 'NodeNext',
        types: ['node'],
        skipLibCheck: false,
        rootDir: '.',
        outDir: 'out',
      },
      include: ['*.ts', '*.cts'],
    });
    await this.run(bin('tsc'), '-p', '.');
  }

  /**
   * Runs a command in the project.
   *
   * @param {string[]} argv
   * @returns {Promise<string>} what it wrote to standard output
   * @throws {Error} with its output, if it fails
   */
  async run(...argv) {
    const { exitCode, stdout, all } = await capture(argv, { cwd: this.dir });
    if (exitCode !== 0) throw new Error(`${argv.join(' ')} ended with ${exitCode}:\n${all}`);
    return stdout;
  }
}
