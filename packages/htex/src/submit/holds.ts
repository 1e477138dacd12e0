import type { FrameLink } from '../link/frame-link.js';
import { ToInterchange } from '../link/link-protocol.js';

/** Which managers and blocks were said to get no further tasks, so that the interchange after this one hears of it too. */
export class Holds {
  private readonly managers = new Set<string>();
  private readonly blocks = new Set<string>();
  private readonly waiting = new Map<number, () => void>();
  private next = 0;

  /** Resolves when the interchange has obeyed. */
  ask(link: FrameLink, managers: readonly string[], blocks: readonly string[]): Promise<void> {
    for (const manager of managers) this.managers.add(manager);
    for (const block of blocks) this.blocks.add(block);
    const request = this.next++;
    return new Promise((resolve) => {
      this.waiting.set(request, resolve);
      link.sendControl(ToInterchange.hold, { request, managers, blocks });
    });
  }

  obeyed(request: number): void {
    // An earlier one that was not answered went to an interchange that has died.
    for (const [each, resolve] of this.waiting) {
      if (each > request) break;
      this.waiting.delete(each);
      resolve();
    }
  }

  /** To a new interchange. */
  askAgain(link: FrameLink): void {
    if (this.managers.size + this.blocks.size === 0) return;
    const request = this.next++;
    link.sendControl(ToInterchange.hold, {
      request,
      managers: [...this.managers],
      blocks: [...this.blocks],
    });
  }

  /** There is no interchange any more. */
  clear(): void {
    for (const resolve of this.waiting.values()) resolve();
    this.waiting.clear();
  }
}
