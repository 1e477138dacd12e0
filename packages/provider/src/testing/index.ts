export { conformanceCases, type ConformanceCase } from './conformance-cases.js';
export type { Ability, ConformanceSubject, Hook, ProviderWishes, Undo } from './conformance-subject.js';
