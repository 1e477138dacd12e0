import { jobScript, nodeResources, type BlockRequest } from '@parsl-ts/provider';
import type { CheckedGridEngineOptions } from './grid-engine-options.js';

/** The text of a block's script. Pure. */
export function gridEngineScript(request: BlockRequest, options: CheckedGridEngineOptions): string {
  const { memPerNodeGb: memory, nodesPerBlock, parallelEnvironment, resources, slotsPerNode } = options;
  const wanted: readonly (readonly [flag: string, value: string | undefined])[] = [
    // Grid Engine does not obey the first line of a script.
    ['-S', '/bin/bash'],
    ['-N', request.name],
    // A block that could not run if nothing else ran is refused, rather than kept waiting for ever. What hosts measure, such
    // as their free memory, counts as nothing then, so that whoever asks for it would always be refused.
    ['-w', memory === undefined && resources.length === 0 ? 'e' : 'n'],
    ['-q', options.queue],
    ['-P', options.project],
    ['-A', options.account],
    ['-pe', parallelEnvironment && `${parallelEnvironment} ${String(slotsPerNode * nodesPerBlock)}`],
    ['-l', `h_rt=${options.walltime}`],
    [
      '-l',
      memory === undefined ? undefined : `${options.memoryResource}=${megabytes(memory / slotsPerNode)}`,
    ],
    ...resources.map((resource) => ['-l', resource] as const),
  ];
  return jobScript({
    ...options,
    request,
    directives: [
      ...wanted.flatMap(([flag, value]) => (value === undefined ? [] : [`#$ ${flag} ${value}`])),
      options.schedulerOptions,
      parallelEnvironment === undefined ? '' : checkHosts(parallelEnvironment, nodesPerBlock, slotsPerNode),
    ],
    node: nodeResources(slotsPerNode, memory),
  });
}

function megabytes(gigabytes: number): string {
  return `${String(Math.ceil(gigabytes * 1024))}M`;
}

/** Bash that ends the script if the block's slots are on other hosts than it was told. */
function checkHosts(name: string, hosts: number, slots: number): string {
  const count = `{ slots[$1] += $2 } END { for (host in slots) { hosts++; odd += slots[host] != ${String(slots)} } exit odd || hosts != ${String(hosts)} }`;
  return `if ! awk '${count}' "$PE_HOSTFILE"; then
  echo 'parsl: parallel environment ${name} did not give ${String(slots)} slots on each of ${String(hosts)} hosts, but:' >&2
  cut -d ' ' -f 1,2 "$PE_HOSTFILE" >&2
  echo 'parsl: it would with the allocation_rule ${hosts === 1 ? '$pe_slots' : String(slots)} (qconf -sp ${name})' >&2
  exit 1
fi`;
}
