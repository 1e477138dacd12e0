/**
 * Ends when so many calls with this directory run at the same time. As many tasks of it as there are workers show that all
 * workers are ready: a pool registers before they are.
 */
export async function meet(directory: string, id: number, count: number): Promise<void> {
  const { mkdirSync, readdirSync, writeFileSync } = await import('node:fs');
  mkdirSync(directory, { recursive: true });
  writeFileSync(`${directory}/${String(id)}`, '');
  while (readdirSync(directory).length < count) await new Promise((resolve) => setTimeout(resolve, 5));
}
