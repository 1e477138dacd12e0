/** A queue that takes constant time per element however long it gets, which `Array.prototype.shift` does not. */
export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** Takes the oldest element out; `undefined` when there is none. */
  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (this.#head === this.#items.length) {
      return undefined;
    }
    this.#items[this.#head] = undefined;
    this.#head++;
    if (this.#head === this.#items.length) {
      // The usual queue has one element, and to set a length is a call into the runtime.
      if (this.#head === 1) this.#items.pop();
      else this.#items.length = 0;
      this.#head = 0;
    } else if (this.#head >= 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
  /** Its elements, oldest first. They stay in it. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (let index = this.#head; index < this.#items.length; index++) {
      // Those before the head are gone, and no other is missing.
      yield this.#items[index] as T;
    }
  }
}
