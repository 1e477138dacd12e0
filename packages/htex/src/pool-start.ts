import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { SECRET_VARIABLE, shellCommand } from '@parsl-ts/provider';

import { checkLocation, type WorkerPoolLocation } from './worker-pool-location.js';

/** What stands before the arguments of the pool program, as `sh` reads it. */
export interface PoolStart {
  /** For a person at a terminal. */
  readonly byHand: string;
  /** For a block: one program that becomes the pool, or tells in the block's log what is missing and ends with 7. */
  readonly inBlock: string;
}

const PACKAGE = '@parsl-ts/worker-pool';
const PROGRAM = 'parsl-worker-pool';

const SH = ['/bin/sh'];
/** Modules come with functions for bash. It takes a daemon that starts it for `rsh`, and reads the user's file, if let. */
const BASH = ['/bin/bash', '--norc'];

/**
 * How the pool program is started: by a command of the user's own, where the user says that nodes have it, or where this
 * host has it.
 */
export function poolStart(options: {
  readonly launchCommand: string | readonly string[] | undefined;
  readonly workerPool: WorkerPoolLocation | undefined;
}): PoolStart {
  const { launchCommand, workerPool } = options;
  if (launchCommand !== undefined) {
    const words = typeof launchCommand === 'string' ? launchCommand : shellCommand(launchCommand);
    return { byHand: words, inBlock: words };
  }
  return workerPool === undefined ? ofThisHost() : ofNodes(workerPool);
}

/** The pool program is found, and never imported: it has to work where this package is not. */
function ofThisHost(): PoolStart {
  const program = join(dirname(manifestPath()), 'bin', 'parsl-worker-pool.js');
  const words = [process.execPath, program];
  return { byHand: shellCommand(words), inBlock: finder(SH, START_OF_THIS_HOST, words) };
}

function ofNodes(location: WorkerPoolLocation): PoolStart {
  const { module = [], path = PROGRAM, npx = false } = checkLocation(location);
  const modules = typeof module === 'string' ? [module] : module;
  const load = modules.length === 0 ? '' : `module load ${modules.join(' ')}`;
  const [words, script, inScript] =
    npx === false
      ? [[path], START_PATH, [path]]
      : [['npx', '--yes', '--package', fetched(npx), '--', PROGRAM], START_FETCHED, [fetched(npx)]];
  const byHand = shellCommand(words);
  return load === ''
    ? { byHand, inBlock: finder(SH, script, inScript) }
    : {
        byHand: `${load} && ${byHand}`,
        inBlock: finder(BASH, `${loadModules(load)}${script}`, inScript),
      };
}

function fetched(npx: true | string): string {
  return `${PACKAGE}@${npx === true ? installedVersion() : npx}`;
}

function manifestPath(): string {
  return createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`);
}

function installedVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)(manifestPath());
  const version: unknown = typeof manifest === 'object' && manifest && Reflect.get(manifest, 'version');
  return String(version);
}

/** A shell that finds the program and then becomes it, so that signals reach it and nothing else stays. */
function finder(shell: readonly string[], script: string, words: readonly string[]): string {
  return shellCommand([...shell, '-c', `${COMPLAIN}${script}`, PROGRAM, ...words]);
}

/*
 * Pieces of `sh`. Without single quotes, so that they stay readable where they are quoted. Nothing but shells' own
 * commands before the program is found: PATH may lead nowhere.
 */

const COMPLAIN = `no_pool() {
  { read -r host </proc/sys/kernel/hostname; } 2>/dev/null || host="this node"
  printf "%s\\n" "parsl-worker-pool cannot start on $host: $1" "  PATH there is $PATH" \\
    "  Say where nodes have it: new HighThroughputExecutor({ workerPool: { path: ... } }), or { module: ... }, or { npx: true }" >&2
  exit 7
}
`;

const START_OF_THIS_HOST = `if [ ! -f "$1" ] || [ ! -x "$1" ]; then no_pool "there is no $1, which is Node.js on the submit host"; fi
[ -r "$2" ] || no_pool "there is no $2, which is the program on the submit host"
exec "$@"`;

/** `npm install` makes a program that has itself run by `env node`. Node.js may be beside it and not in PATH. */
const START_PATH = `case $1 in
*/*) pool=$1 ;;
*) pool=$(command -v "$1") || no_pool "$1 is not in PATH" ;;
esac
if [ ! -f "$pool" ] || [ ! -x "$pool" ]; then no_pool "there is no program $pool"; fi
read -r line <"$pool"
case $line in "#!"*" node"*)
  command -v node >/dev/null || export PATH="\${PATH:+$PATH:}\${pool%/*}"
  command -v node >/dev/null || no_pool "$pool needs node, which is neither in PATH nor beside it"
esac
exec "$@"`;

/**
 * npx is asked where the program is, so that it need not stay. Nodes that share its cache can be in each other's way, hence
 * the second and third try. What it installs must not see the secret.
 */
const START_FETCHED = `command -v npx >/dev/null || no_pool "npx, which comes with Node.js, is not in PATH"
for pause in 1 3 0; do
  pool=$(unset ${SECRET_VARIABLE}; npx --yes --package="$1" --call="command -v ${PROGRAM}" </dev/null) && break
  pool=
  [ "$pause" = 0 ] || sleep "$pause"
done
[ -n "$pool" ] || no_pool "npx did not get $1, see above"
shift
exec "$pool" "$@"`;

/** Where there is no command `module` yet, a login shell would get it from the system's profile, which sets PATH anew. */
function loadModules(load: string): string {
  return `enter() { . "$1"; }
for init in "$MODULESHOME/init/bash" "$LMOD_PKG/init/bash" /etc/profile; do
  command -v module >/dev/null && break
  [ ! -r "$init" ] || enter "$init"
done
command -v module >/dev/null || no_pool "there is no command module for: ${load}"
${load} || no_pool "this failed, see above: ${load}"
`;
}
