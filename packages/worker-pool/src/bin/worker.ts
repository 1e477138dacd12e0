import { startWorker } from '../worker/start-worker.js';

startWorker();
