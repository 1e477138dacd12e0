import { analyzeModule } from './module-source.js';
import { pack } from './pack.js';
import { openInspector } from './running-function.js';
import { toolchain } from './toolchain.js';

/**
 * Loads what bundling needs and starts the bundler in the background, so that the first function does not wait for it.
 * May be called at any time, also more than once. Resolves when done, and never rejects: what is wrong shows when a
 * function is bundled.
 */
export async function warmUp(): Promise<void> {
  try {
    const loading = toolchain();
    await openInspector();
    const tools = await loading;
    // The first analysis and the first build take several times as long as later ones.
    analyzeModule(tools, 'export const warm = (x) => x;', 'warm-up.js', () => undefined);
    const code = "import { cwd } from 'node:process'; export default () => cwd();";
    await pack({
      code,
      directory: process.cwd(),
      external: [],
      allowsMainScript: true,
      originOf: () => undefined,
    });
  } catch {
    // Reported by the first call that needs it.
  }
}
