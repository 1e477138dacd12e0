/** Reads a file; `undefined` when there is none. */
export type ReadText = (path: string) => string | undefined;

/** One place at which the kernel shows groups of processes. */
interface GroupMount {
  /** The group that it begins with. */
  readonly root: string;
  readonly directory: string;
  readonly version: GroupVersion;
}

/** cgroup v1, by its memory controller, or v2. */
type GroupVersion = keyof typeof LIMIT_FILES;

const LIMIT_FILES = { v1: 'memory.limit_in_bytes', v2: 'memory.max' } as const;

/** Where they are on nearly every host, for one that does not say. */
const USUAL_MOUNTS: readonly GroupMount[] = [
  { root: '/', directory: '/sys/fs/cgroup', version: 'v2' },
  { root: '/', directory: '/sys/fs/cgroup/memory', version: 'v1' },
];

/**
 * How much memory the control groups of this process let it use, in bytes; without a limit, more than any host has. A group
 * is bounded by those around it as well: the limit of a batch job often stands above the group of the process.
 */
export function memoryLimit(readText: ReadText): number {
  const own = ownGroups(readText('/proc/self/cgroup') ?? '');
  const mountInfo = readText('/proc/self/mountinfo');
  const mounts = mountInfo === undefined ? USUAL_MOUNTS : groupMounts(mountInfo);
  let least = Infinity;
  for (const mount of mounts) {
    for (const directory of directoriesUp(mount, own[mount.version])) {
      // `max` is no number. Without a limit, v1 says a huge one.
      const limit = Number(readText(`${directory}/${LIMIT_FILES[mount.version]}`) ?? NaN);
      if (limit > 0 && limit < least) least = limit;
    }
  }
  return least;
}

/** Lines such as `4:memory:/slurm/job_7` for v1, `0::/user.slice` for v2. */
function ownGroups(text: string): Readonly<Record<GroupVersion, string>> {
  const own = { v1: '/', v2: '/' };
  for (const line of text.split('\n')) {
    const [, hierarchy, controllers, group] = /^(\d+):([^:]*):(\/.*)$/.exec(line) ?? [];
    if (group === undefined) continue;
    if (hierarchy === '0') own.v2 = group;
    else if (controllers?.split(',').includes('memory') === true) own.v1 = group;
  }
  return own;
}

/** Lines such as `35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory`. */
function groupMounts(text: string): GroupMount[] {
  return text.split('\n').flatMap((line) => {
    const [place = '', kind = ''] = line.split(' - ');
    const [, , , root, directory] = place.split(' ').map(unescaped);
    const [type, , options = ''] = kind.split(' ');
    const version = type === 'cgroup2' ? 'v2' : type === 'cgroup' && hasMemory(options) ? 'v1' : undefined;
    return root === undefined || directory === undefined || version === undefined
      ? []
      : [{ root, directory, version }];
  });
}

function hasMemory(options: string): boolean {
  return options.split(',').includes('memory');
}

/** The kernel writes a space as `\040`. */
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

/**
 * The directory of a group and those of all around it, as far as the mount shows them. One that does not show the group
 * is that of a container, and begins with what the container may use.
 */
function directoriesUp({ root, directory }: GroupMount, group: string): string[] {
  const above = root === '/' ? '' : root;
  // `..` is outside of what this process is to see.
  const isShown = group.startsWith(`${above}/`) && !group.startsWith('/..');
  const names = isShown
    ? group
        .slice(above.length)
        .split('/')
        .filter((name) => name !== '')
    : [];
  return Array.from({ length: names.length + 1 }, (_, depth) =>
    [directory, ...names.slice(0, depth)].join('/'),
  );
}
