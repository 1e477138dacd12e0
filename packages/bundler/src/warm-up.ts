import { openInspector } from './running-function.js';
import { toolchain } from './toolchain.js';

/**
 * Loads what bundling needs and starts the bundler in the background, so that the first function does not wait for it.
 * May be called at any time, also more than once. Resolves when done, and never rejects: what is wrong shows when a
 * function is bundled.
 */
export async function warmUp(): Promise<void> {
  try {
    const { esbuild } = await toolchain();
    const started = esbuild.transform('');
    await openInspector();
    await started;
  } catch {
    // Reported by the first call that needs it.
  }
}
