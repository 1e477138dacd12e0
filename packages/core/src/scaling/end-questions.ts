/** How long an answer is waited for, in ms. */
const PATIENCE_MS = 2000;
/** How long after the scheduler was asked for questions it may be asked so again, in ms. */
const APART_MS = 1000;

/** Somebody waits for the end of a block. */
interface Question {
  readonly blockId: string;
  /** `waiting`: the scheduler has not been asked since; `asked`: it has; `told`: why the block failed is found out. */
  stage: 'waiting' | 'asked' | 'told';
  readonly answer: () => void;
}

/**
 * Questions how the jobs of blocks have ended, for which the scheduler is asked out of turn, but not all the time. Times
 * are in ms, on any clock.
 */
export class EndQuestions {
  readonly #questions = new Set<Question>();
  #askedAt = -Infinity;

  /** Resolves when there is no more to be learned now, or no more time for it. */
  ask(blockId: string): Promise<void> {
    return new Promise((resolve) => {
      const answer = () => {
        clearTimeout(timer);
        this.#questions.delete(question);
        resolve();
      };
      const timer = setTimeout(answer, PATIENCE_MS).unref();
      const question: Question = { blockId, stage: 'waiting', answer };
      this.#questions.add(question);
    });
  }

  /** When the scheduler is to be asked; `Infinity`: not for these questions. */
  get pollAt(): number {
    for (const { stage } of this.#questions) {
      if (stage === 'waiting') {
        return this.#askedAt + APART_MS;
      }
    }
    return Infinity;
  }

  /** The scheduler is being asked. */
  asked(now: number): void {
    for (const question of this.#questions) {
      if (question.stage === 'waiting') {
        question.stage = 'asked';
        this.#askedAt = now;
      }
    }
  }

  /**
   * It has answered, or could not be asked.
   *
   * @param isUnexplained whether it is being found out why a block failed
   */
  answered(isUnexplained: (blockId: string) => boolean): void {
    for (const question of [...this.#questions]) {
      if (question.stage === 'asked') {
        question.stage = 'told';
        if (!isUnexplained(question.blockId)) {
          question.answer();
        }
      }
    }
  }

  /** Why a block failed is known. */
  explained(blockId: string): void {
    for (const question of [...this.#questions]) {
      if (question.blockId === blockId) {
        question.answer();
      }
    }
  }

  /** Nobody is asked any more. */
  clear(): void {
    for (const question of [...this.#questions]) {
      question.answer();
    }
  }
}
