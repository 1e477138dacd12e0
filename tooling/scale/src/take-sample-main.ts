// Takes one sample in this process and prints it as JSON: take-sample-main.ts ORDER
import { sampleRealWorkers } from './real-workers.js';
import type { SampleOrder } from './sample.js';
import { sampleSize } from './simulated-size.js';

const order = JSON.parse(process.argv[2] ?? '') as SampleOrder;
const sample = await (order.size === undefined ? sampleRealWorkers(order) : sampleSize(order.size, order));
console.log(JSON.stringify(sample));
