import { capture } from './phase.mjs';

/**
 * What an audit has found: what is wrong, or why it could not be told.
 *
 * @typedef {{ problems: string } | { skipped: string }} AuditFinding
 */

/** What pnpm says when the registry does not answer, or not to this question. */
const UNANSWERED =
  /ERR_PNPM_AUDIT_(?:BAD_RESPONSE|ENDPOINT_NOT_EXISTS)|ERR_PNPM_(?:META_)?FETCH|\b(?:ENOTFOUND|EAI_AGAIN|ECONN\w+|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH)\b|request to \S+ failed/;

/** Not a minute of trying again where there is no network; and not silent although `npm run --silent` is. */
const IMPATIENT = {
  ...{ npm_config_fetch_retries: '0', npm_config_fetch_timeout: '20000' },
  ...{ npm_config_loglevel: 'warn', NO_COLOR: '1' },
};

/**
 * Asks the registry for known vulnerabilities of what is installed.
 *
 * @param {readonly string[]} flags of `pnpm audit`
 * @returns {Promise<AuditFinding>}
 */
export async function audit(flags) {
  const argv = ['pnpm', 'audit', ...flags];
  const { exitCode, all } = await capture(argv, { env: IMPATIENT });
  return readAudit(argv, exitCode, all);
}

/**
 * @param {readonly string[]} argv
 * @param {number} exitCode
 * @param {string} all what it wrote
 * @returns {AuditFinding}
 */
export function readAudit(argv, exitCode, all) {
  if (exitCode === 0) return { problems: '' };
  const isAnswer = all.includes('vulnerabilities found');
  const line = isAnswer ? undefined : all.split('\n').find((each) => UNANSWERED.test(each));
  if (line !== undefined) return { skipped: `the registry did not answer: ${line.trim()}` };
  return { problems: `$ ${argv.join(' ')}\n${all.trim() || `exit code ${exitCode}`}` };
}
