import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import type { RealSample, SampleOrder, SizeSample } from './sample.js';
import type { Size } from './size.js';
import { WITH_TSX } from './with-tsx.js';

const script = fileURLToPath(new URL('./take-sample-main.ts', import.meta.url));

/**
 * Takes one sample in a fresh process, so that none profits or suffers from what ran before.
 *
 * @throws Error when the process fails; it has written why to standard error
 */
export function takeSample(order: SampleOrder & { readonly size: Size }): Promise<SizeSample>;
export function takeSample(order: SampleOrder & { readonly size: undefined }): Promise<RealSample>;
export async function takeSample(order: SampleOrder): Promise<SizeSample | RealSample> {
  const child = spawn(process.execPath, [...WITH_TSX, script, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output] = await Promise.all([text(child.stdout), once(child, 'close')]);
  if (child.exitCode !== 0) throw new Error('a sample could not be taken');
  return JSON.parse(output) as SizeSample | RealSample;
}
