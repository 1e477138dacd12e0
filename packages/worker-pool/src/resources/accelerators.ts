/**
 * The device sets of a node.
 *
 * @param value A number of devices, or the sets themselves (`'0'`, `'0,1'`, `'GPU-5b8e…'`).
 */
export function deviceSets(value: number | readonly string[]): readonly string[] {
  return typeof value === 'number' ? Array.from({ length: value }, (_, index) => String(index)) : value;
}

/** Variables that show a process only some devices: of CUDA, of ROCm, of Level Zero. */
const VISIBLE_DEVICES = ['CUDA_VISIBLE_DEVICES', 'ROCR_VISIBLE_DEVICES', 'ZE_AFFINITY_MASK'] as const;

/**
 * Environment variables that show each worker only its own devices, whoever made them.
 *
 * @param sets One for each worker.
 * @param env Environment of the pool: a scheduler may have given it only some of the host's devices.
 */
export function acceleratorEnvironments(
  sets: readonly string[],
  env: NodeJS.ProcessEnv,
): readonly Readonly<Record<string, string>>[] {
  const byVariable = VISIBLE_DEVICES.map((name) => [name, setsAmong(sets, env[name])] as const);
  return sets.map((set, worker) => ({
    ...Object.fromEntries(byVariable.map(([name, named]) => [name, named[worker] ?? set])),
    // Otherwise Level Zero numbers devices by speed and the masks of two workers may overlap.
    ZE_ENABLE_PCI_ID_DEVICE_ORDER: '1',
  }));
}

/**
 * Sets in the words of the host, as these variables want them: of a pool that was given devices 2 and 3, the first is 2. Sets
 * that are no numbers of such devices stay as they are, all of them, so that no two workers get the same one.
 */
function setsAmong(sets: readonly string[], visible = ''): readonly string[] {
  const devices = visible.split(',').map((device) => device.trim());
  const known = (device: string): boolean => /^\d+$/.test(device) && (devices[Number(device)] ?? '') !== '';
  const named = sets.map((set) => set.split(',').map((device) => device.trim()));
  return named.flat().every(known)
    ? named.map((set) => set.map((device) => devices[Number(device)]).join(','))
    : sets;
}
