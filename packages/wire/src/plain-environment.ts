/**
 * Variables by which tools that started this process (test runners, loaders, coverage, a parent with an IPC channel or a
 * cluster) would get hold of the Node.js processes that it starts.
 */
const FOREIGN =
  /^(?:NODE_OPTIONS|NODE_V8_COVERAGE|NODE_UNIQUE_ID|NODE_CHANNEL_\w+|VITEST\w*|TSX_\w+|TS_NODE_\w+)$/;

/** The environment for a Node.js process of the system: without what was meant for this one alone. */
export function plainEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !FOREIGN.test(name)));
}
