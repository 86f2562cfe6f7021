/** Items kept in front of the head before the array is cut. */
const CUT = 1_024

/** First in, first out. */
export class Queue<T> {
  #items: T[] = []
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  /** The oldest; undefined when there is none. */
  get head(): T | undefined {
    return this.#items[this.#head]
  }

  push(item: T): void {
    this.#items.push(item)
  }

  /** Drops the oldest. */
  shift(): void {
    this.#head += 1
    if (this.#head === this.#items.length) {
      this.#items.length = 0
      this.#head = 0
    } else if (this.#head >= CUT && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
  }

  /** A copy, oldest first. */
  list(): T[] {
    return this.#items.slice(this.#head)
  }

  /** Gives everything, oldest first, and keeps nothing. */
  takeAll(): T[] {
    const items = this.list()
    this.#items = []
    this.#head = 0
    return items
  }
}
