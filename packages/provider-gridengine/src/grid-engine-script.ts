import { jobScript, nodeResources, type BlockRequest, type Launcher } from '@parsl-ts/provider';

/** What the script of a block is made of: checked options of a `GridEngineProvider`. */
export interface GridEngineScriptOptions {
  readonly account: string | undefined;
  readonly launcher: Launcher;
  readonly memoryResource: string;
  readonly memPerNodeGb: number | undefined;
  readonly nodesPerBlock: number;
  readonly parallelEnvironment: string | undefined;
  readonly project: string | undefined;
  readonly queue: string | undefined;
  readonly resources: readonly string[];
  readonly schedulerOptions: string;
  readonly slotsPerNode: number;
  readonly walltime: string;
  readonly workerInit: string;
}

/** The text of a block's script. Pure. */
export function gridEngineScript(request: BlockRequest, options: GridEngineScriptOptions): string {
  const { memPerNodeGb, nodesPerBlock, parallelEnvironment, slotsPerNode } = options;
  const option = (flag: string, value: string | undefined): string =>
    value === undefined ? '' : `#$ ${flag} ${value}`;
  const memory =
    memPerNodeGb === undefined
      ? undefined
      : `${options.memoryResource}=${String(Math.ceil((memPerNodeGb * 1024) / slotsPerNode))}M`;
  const slots =
    parallelEnvironment === undefined
      ? undefined
      : `${parallelEnvironment} ${String(slotsPerNode * nodesPerBlock)}`;
  return jobScript({
    ...options,
    request,
    directives: [
      // Grid Engine does not obey the first line of a script.
      '#$ -S /bin/bash',
      `#$ -N ${request.name}`,
      // What could not run on these hosts if they were empty is refused, rather than kept waiting for ever.
      '#$ -w e',
      `#$ -l h_rt=${options.walltime}`,
      option('-q', options.queue),
      option('-P', options.project),
      option('-A', options.account),
      option('-pe', slots),
      option('-l', memory),
      ...options.resources.map((resource) => `#$ -l ${resource}`),
      options.schedulerOptions,
      ...(parallelEnvironment === undefined
        ? []
        : [checkHosts(parallelEnvironment, nodesPerBlock, slotsPerNode)]),
    ],
    node: nodeResources(slotsPerNode, memPerNodeGb),
  });
}

/** Bash that ends the script when the block's slots are on other hosts than it was told. */
function checkHosts(name: string, hosts: number, slots: number): string {
  return `awk '{ slots[$1] += $2 } END { for (host in slots) { hosts++; odd += slots[host] != ${String(slots)} } exit odd || hosts != ${String(hosts)} }' "$PE_HOSTFILE" || {
  echo "parsl: parallel environment ${name} did not give ${String(slots)} slots on each of ${String(hosts)} hosts, but:"
  cut -d ' ' -f 1,2 "$PE_HOSTFILE"
  echo "parsl: its allocation_rule must be ${hosts === 1 ? '\\$pe_slots' : String(slots)} for that (qconf -sp ${name})"
  exit 1
} >&2`;
}
