import workerpool from 'workerpool';
import { give, noop, take } from '../tasks.js';

workerpool.worker({ noop, take, give });
