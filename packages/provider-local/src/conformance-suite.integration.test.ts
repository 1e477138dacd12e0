import type { BlockRequest, CancelOutcome, ExecutionProvider, JobId, JobStatus } from '@parsl-ts/provider';
import { conformanceCases } from '@parsl-ts/provider/testing';
import { afterEach, expect, test } from 'vitest';
import { LocalProvider } from './local-provider.js';

const submitted: { readonly provider: LocalProvider; readonly id: JobId }[] = [];
afterEach(async () => {
  await Promise.all(submitted.splice(0).map(({ provider, id }) => provider.cancel([id])));
});

/** A sound provider whose jobs are ended after the test, whatever the faults around it. */
class RememberingProvider extends LocalProvider {
  override async submit(request: BlockRequest): Promise<JobId> {
    const id = await super.submit(request);
    submitted.push({ provider: this, id });
    return id;
  }
}

/** A provider with faults of the kind that the cases are there to find. */
class FaultyProvider extends LocalProvider {
  readonly #changes: Partial<Pick<ExecutionProvider, 'submit' | 'status' | 'cancel'>>;

  constructor(faults: (sound: LocalProvider) => Partial<ExecutionProvider>, nodesPerBlock: number) {
    const options = { nodesPerBlock, pollIntervalMs: 20, cancelGraceMs: 200 };
    super(options);
    this.#changes = faults(new RememberingProvider(options));
  }

  override submit(request: BlockRequest): Promise<JobId> {
    return this.#changes.submit?.(request) ?? super.submit(request);
  }
  override status(ids: readonly JobId[]): Promise<ReadonlyMap<JobId, JobStatus>> {
    return this.#changes.status?.(ids) ?? super.status(ids);
  }
  override cancel(ids: readonly JobId[]): Promise<ReadonlyMap<JobId, CancelOutcome>> {
    return this.#changes.cancel?.(ids) ?? super.cancel(ids);
  }
}

type Faults = (sound: LocalProvider) => Partial<ExecutionProvider>;

/** Wraps every method, so that jobs live in the sound provider and answers can be falsified. */
const falsified =
  (change: {
    request?: (request: BlockRequest) => BlockRequest;
    status?: (status: JobStatus, id: JobId) => JobStatus;
    unknown?: JobStatus;
    cancel?: (sound: LocalProvider, ids: readonly JobId[]) => Promise<ReadonlyMap<JobId, CancelOutcome>>;
  }): Faults =>
  (sound) => ({
    submit: (request) => sound.submit(change.request?.(request) ?? request),
    status: async (ids) => {
      const known = await sound.status(ids);
      return new Map(
        ids.flatMap((id): [JobId, JobStatus][] => {
          const status = known.get(id) ?? change.unknown;
          return status === undefined ? [] : [[id, change.status?.(status, id) ?? status]];
        }),
      );
    },
    cancel: (ids) => change.cancel?.(sound, ids) ?? sound.cancel(ids),
  });

test.each<[string, string, Faults]>([
  [
    'reports failed jobs as completed',
    'a job that fails is failed',
    falsified({
      status: (status) => (status.state === 'failed' ? { ...status, state: 'completed' } : status),
    }),
  ],
  [
    'reports jobs as completed that it has never heard of',
    'an id that it did not submit is left out',
    falsified({ unknown: { state: 'completed' } }),
  ],
  [
    'changes a terminal state on the next question',
    'a terminal state stays',
    (sound) => {
      const told = new Set<JobId>();
      return falsified({
        status: (status, id) => {
          const failed = status.state === 'failed';
          const again = failed && told.has(id);
          if (failed) {
            told.add(id);
          }
          return again ? { ...status, state: 'completed' } : status;
        },
      })(sound);
    },
  ],
  [
    'says that it cancelled, and does not',
    'cancel ends a running job and all that it started',
    falsified({
      cancel: (_, ids) => Promise.resolve(new Map(ids.map((id) => [id, 'cancelled']))),
    }),
  ],
  [
    'does not quote',
    'every word of the command arrives as it is',
    falsified({ request: (request) => ({ ...request, command: `eval "${request.command}"` }) }),
  ],
  [
    'lets everybody see its arguments, and has the secret there',
    'a secret reaches every copy of the command, and no other user',
    falsified({
      request: ({ secret = '', ...request }) => ({
        ...request,
        command: `sh -c 'PARSL_SECRET=$0; ${request.command.replaceAll("'", '')} && true' ${secret}`,
      }),
    }),
  ],
  [
    'keeps the environment that it found first',
    'jobs see the environment of the moment of their submission',
    falsified({
      request: (request) => ({ ...request, command: `PARSL_CONFORMANCE_VALUE=first; ${request.command}` }),
    }),
  ],
])('a provider that %s does not pass', async (_, name, faults) => {
  const found = conformanceCases({
    create: ({ nodesPerBlock }) => new FaultyProvider(faults, nodesPerBlock),
    timeoutMs: 1500,
  }).find((each) => each.name === name);
  await expect(found?.run()).rejects.toThrow();
});

test('what a back end cannot do is left out, with the reason', () => {
  const cases = conformanceCases({
    create: () => new LocalProvider(),
    cannot: { exitCode: 'it forgets them' },
  });
  expect(cases.filter(({ skip }) => skip === 'it forgets them').map(({ name }) => name)).toEqual([
    'a job that fails has its exit code',
  ]);
});
