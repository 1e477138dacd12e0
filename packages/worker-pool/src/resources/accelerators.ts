/**
 * The device sets of a node.
 *
 * @param value A number of devices, or the sets themselves (`'0'`, `'0,1'`, `'GPU-5b8e…'`).
 */
export function deviceSets(value: number | readonly string[]): readonly string[] {
  return typeof value === 'number' ? Array.from({ length: value }, (_, index) => String(index)) : value;
}

/** Environment variables that show a worker only its own devices, whoever made them. */
export function acceleratorEnvironment(devices: string): Readonly<Record<string, string>> {
  return {
    CUDA_VISIBLE_DEVICES: devices,
    ROCR_VISIBLE_DEVICES: devices,
    ZE_AFFINITY_MASK: devices,
    // Otherwise Level Zero numbers devices by speed and the masks of two workers may overlap.
    ZE_ENABLE_PCI_ID_DEVICE_ORDER: '1',
  };
}
