export { HandStartedPool } from './hand-started-pool.js';
export { INTRUDERS, type Attempt, type IntruderKind, type Target } from './intruders.js';
export { namespacesMissing, TwoHosts } from './network-namespaces.js';
