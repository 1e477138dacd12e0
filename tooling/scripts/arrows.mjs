/**
 * Which package may import which, beside itself: architecture, "Packages and the arrows between them". Everything that
 * checks imports or manifests reads it from here.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const arrows = {
  bundler: [],
  wire: [],
  provider: [],
  core: ['bundler', 'provider', 'wire'],
  htex: ['core', 'provider', 'wire'],
  'worker-pool': ['wire'],
  'provider-local': ['provider'],
  'provider-slurm': ['provider'],
  'provider-pbs': ['provider'],
  'provider-gridengine': ['provider'],
  monitoring: ['core'],
  cli: [
    'core',
    'bundler',
    'wire',
    'htex',
    'worker-pool',
    'provider',
    'provider-local',
    'provider-slurm',
    'provider-pbs',
    'provider-gridengine',
    'monitoring',
  ],
};

/**
 * Imports that must vanish when types are erased.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const typeOnlyArrows = { monitoring: ['core'] };

/**
 * Dependencies that are there to be installed, not imported: HTEX starts the worker pool's program.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const installedOnly = { htex: ['worker-pool'] };

/** Who besides the packages may import which of them. */
export const appArrows = { dashboard: ['monitoring'], docs: [] };
