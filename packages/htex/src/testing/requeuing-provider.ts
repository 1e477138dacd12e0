import type { BlockRequest, CancelOutcome, JobId, JobStatus } from '@parsl-ts/provider';
import { LocalProvider } from '@parsl-ts/provider-local';

/** Blocks on this host that can be preempted: a job keeps its id, waits, and runs once more, as on a batch system. */
export class RequeuingProvider extends LocalProvider {
  /** The process group that a job is now, by the id of the first one; `undefined`: it waits. */
  private readonly runs = new Map<JobId, JobId | undefined>();
  private readonly requests = new Map<JobId, BlockRequest>();
  private ended: JobStatus | undefined;

  override async submit(request: BlockRequest): Promise<JobId> {
    const id = await super.submit(request);
    this.runs.set(id, id);
    this.requests.set(id, request);
    return id;
  }

  /** Takes the nodes from a job, which waits then. */
  async preempt(id: JobId): Promise<void> {
    const run = this.runs.get(id);
    this.runs.set(id, undefined);
    if (run !== undefined) await super.cancel([run]);
  }

  /** Gives a job nodes again. */
  async resume(id: JobId): Promise<void> {
    const request = this.requests.get(id);
    if (request === undefined) throw new Error(`there is no job ${id}`);
    this.runs.set(id, await super.submit({ ...request, name: `${request.name}.again` }));
  }

  /** Ends a job as its walltime does. */
  async timeOut(id: JobId): Promise<void> {
    await this.preempt(id);
    this.ended = { state: 'timeout' };
  }

  override async status(ids: readonly JobId[]): Promise<ReadonlyMap<JobId, JobStatus>> {
    const told = new Map<JobId, JobStatus>();
    for (const id of ids) {
      const run = this.runs.get(id);
      const status = run === undefined ? undefined : (await super.status([run])).get(run);
      told.set(id, status ?? this.ended ?? { state: 'pending' });
    }
    return told;
  }

  override async cancel(ids: readonly JobId[]): Promise<ReadonlyMap<JobId, CancelOutcome>> {
    const runs = ids.flatMap((id) => this.runs.get(id) ?? []);
    await super.cancel(runs);
    return new Map(ids.map((id) => [id, 'cancelled']));
  }
}
