import { execFileSync } from 'node:child_process';
import { hasProgram } from './commands.js';
import type { Accounting } from './bed-options.js';

/** The programs of a bed, and the Debian packages that have them. */
const SLURM = { slurmctld: 'slurmctld', slurmd: 'slurmd', sbatch: 'slurm-client', munged: 'munge' };
const ACCOUNTING = {
  slurmdbd: 'slurmdbd',
  mariadbd: 'mariadb-server-core',
  'mariadb-install-db': 'mariadb-server-core',
  mariadb: 'mariadb-client-core',
};
const SYSTEM = { ip: 'iproute2', unshare: 'util-linux', setpriv: 'util-linux' };

/** Debian packages that a bed needs and this machine lacks. */
export function missingPackages(accounting: Accounting = 'on'): readonly string[] {
  const wanted = { ...SYSTEM, ...SLURM, ...(accounting === 'off' ? {} : ACCOUNTING) };
  const missing = Object.entries(wanted).filter(([program]) => !hasProgram(program));
  return [...new Set(missing.map(([, name]) => name))];
}

/**
 * Why there can be no bed on this machine, or `undefined` if there can be one.
 *
 * @param accounting what the bed is to have
 */
export function slurmMissing(accounting: Accounting = 'on'): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return 'a test bed for Slurm needs Linux, and root to make hosts of its own';
  }
  const packages = missingPackages(accounting);
  if (packages.length > 0) {
    return `a test bed for Slurm needs the packages ${packages.join(', ')} (Debian, Ubuntu)`;
  }
  try {
    execFileSync('unshare', ['--net', '--uts', '--mount', '--pid', '--fork', 'true'], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `namespaces do not work here: ${String(error)}`;
  }
}

/**
 * Whether tests must fail rather than be skipped where there is no Slurm: it is one of the words of the environment
 * variable `PARSL_TESTS_REQUIRE`.
 */
export function slurmRequired(): boolean {
  return (process.env['PARSL_TESTS_REQUIRE'] ?? '').split(' ').includes('slurm');
}
