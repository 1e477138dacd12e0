/** How a worker pool ended. */
export interface PoolEnd {
  /** What `parsl-worker-pool` exits with. */
  readonly exitCode: number;
  readonly reason: string;
}
