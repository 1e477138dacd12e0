/** What is known of finished jobs, and who may submit. */
export type Accounting = 'off' | 'on' | 'enforced';

/** Options of a `SlurmBed`. */
export interface SlurmBedOptions {
  /**
   * Nodes, named `node1`, `node2`, ….
   *
   * @default 4
   */
  readonly nodes?: number;
  /**
   * CPUs that each node claims to have. They may be more than there are: nothing is pinned.
   *
   * @default 2
   */
  readonly cpusPerNode?: number;
  /**
   * `off`: there is no `sacct`. `on`: there is, over a database. `enforced`: only the users and the account `lab` that the
   * database knows may submit.
   *
   * @default 'off'
   */
  readonly accounting?: Accounting;
  /**
   * Users of this machine that the account `lab` knows. With `enforced`, no other may submit.
   *
   * @default ['root']
   */
  readonly users?: readonly string[];
  /**
   * Directories of this machine that the nodes see as empty ones, as if they were on another file system. They must exist.
   *
   * @default none
   */
  readonly hide?: readonly string[];
  /**
   * Lines of `slurm.conf` that replace those of the same name: `{ MinJobAge: '2' }`.
   *
   * @default none
   */
  readonly settings?: Readonly<Record<string, string>>;
  /**
   * Where the bed makes its directory. Other users than root can submit only if they can get there.
   *
   * @default the system's directory for temporary files
   */
  readonly directory?: string;
}

/** {@link SlurmBedOptions} with their defaults. */
export type BedPlan = Required<Omit<SlurmBedOptions, 'directory'>>;

export function bedPlan(options: SlurmBedOptions): BedPlan {
  return {
    nodes: options.nodes ?? 4,
    cpusPerNode: options.cpusPerNode ?? 2,
    accounting: options.accounting ?? 'off',
    users: options.users ?? ['root'],
    hide: options.hide ?? [],
    settings: options.settings ?? {},
  };
}
