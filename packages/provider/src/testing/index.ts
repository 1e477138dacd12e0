export { conformanceCases, type ConformanceCase } from './conformance-cases.js';
export type { Ability, ConformanceSubject, ProviderWishes } from './conformance-subject.js';
