import { InlineExecutor } from './inline-executor.js';
export class ThreadPoolExecutor extends InlineExecutor {}
