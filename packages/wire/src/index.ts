export { ParslError, type ParslErrorOptions } from './parsl-error.js';
