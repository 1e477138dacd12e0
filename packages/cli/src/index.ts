export { defineConfig, type ConfigExport } from './config/define-config.js';
export type { IterationReport, LatencyReport, PerfReport } from './perf/report.js';
