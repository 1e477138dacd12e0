import type { BlockRequest, JobId } from '@parsl-ts/provider';
import { LocalProvider } from '@parsl-ts/provider-local';

/** Runs blocks on this machine, and knows their jobs, so that some can be cancelled behind the executor's back. */
export class NotedProvider extends LocalProvider {
  private readonly jobs: JobId[] = [];

  /** Jobs that were submitted so far. */
  get submitted(): number {
    return this.jobs.length;
  }

  override async submit(request: BlockRequest, signal?: AbortSignal): Promise<JobId> {
    const job = await super.submit(request, signal);
    this.jobs.push(job);
    return job;
  }

  /** Cancels a job that runs, if there is one. Tells whether there was. */
  async cancelOne(random: () => number): Promise<boolean> {
    const states = await this.status(this.jobs);
    const running = this.jobs.filter((job) => states.get(job)?.state === 'running');
    const job = running[Math.floor(random() * running.length)];
    if (job === undefined) return false;
    await this.cancel([job]);
    return true;
  }
}
