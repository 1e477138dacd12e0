import { createHash } from 'node:crypto';

/**
 * What the job names of an executor's blocks begin with; the block's id follows. Labels may have characters that job names
 * may not: such a label is spelled without them, and a few digits keep it apart from others spelled alike.
 */
export function jobNamePrefix(label: string): string {
  const spelled = label.replaceAll(/[^A-Za-z0-9._-]+/g, '_');
  const digits = spelled === label ? '' : `-${createHash('sha256').update(label).digest('hex').slice(0, 6)}`;
  return `parsl.${spelled}${digits}.block-`;
}
