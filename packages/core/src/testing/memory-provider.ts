import type {
  BlockLimits,
  BlockRequest,
  CancelOutcome,
  ExecutionProvider,
  JobId,
  JobStatus,
} from '@parsl-ts/provider';

/** A batch scheduler in memory: takes jobs, and lets the test say what becomes of them. */
export class MemoryProvider implements ExecutionProvider {
  readonly label = 'memory';
  readonly nodesPerBlock = 1;
  readonly node = {};
  pollIntervalMs = 5;
  readonly blocks: BlockLimits;
  readonly requests: BlockRequest[] = [];
  readonly jobs = new Map<JobId, JobStatus>();
  readonly cancelled: JobId[] = [];
  readonly cancelledNow: JobId[] = [];
  statusCalls = 0;
  /** What to do instead of taking a job. */
  onSubmit: (request: BlockRequest) => Promise<JobId> = (request) =>
    Promise.resolve(`job-${request.name.slice(-1)}`);
  onStatus: () => Promise<void> = () => Promise.resolve();
  onCancel: () => Promise<CancelOutcome> = () => Promise.resolve('cancelled');

  constructor(limits: Partial<BlockLimits>) {
    this.blocks = { init: 1, min: 0, max: 4, parallelism: 1, ...limits };
  }

  async submit(request: BlockRequest): Promise<JobId> {
    this.requests.push(request);
    const id = await this.onSubmit(request);
    this.jobs.set(id, { state: 'running' });
    return id;
  }

  async status(ids: readonly JobId[]): Promise<ReadonlyMap<JobId, JobStatus>> {
    this.statusCalls++;
    await this.onStatus();
    return new Map(
      ids.flatMap((id) => (this.jobs.has(id) ? [[id, this.jobs.get(id) ?? { state: 'pending' }]] : [])),
    );
  }

  async cancel(ids: readonly JobId[], _signal?: AbortSignal): Promise<ReadonlyMap<JobId, CancelOutcome>> {
    const outcome = await this.onCancel();
    if (outcome === 'cancelled') {
      this.cancelled.push(...ids);
      for (const id of ids) {
        this.jobs.set(id, { state: 'cancelled' });
      }
    }
    return new Map(ids.map((id) => [id, outcome]));
  }

  cancelNow(ids: readonly JobId[]): void {
    this.cancelledNow.push(...ids);
  }
}
