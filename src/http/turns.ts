/** Whoever has held the event loop for so long lets in what has arrived meanwhile. */
const SLICE_MS = 5
/** What would have to wait longer is refused when it comes. */
const WAIT_MOST_MS = 200
/** Fewer at once wait for each other: refusing some would help nobody. */
export const CROWD = 64
/** How fast the mean follows what a request takes. */
const GAIN = 0.1
/** A pause of the whole machine counts as no more than this. */
const EACH_MOST_MS = 20
/** Those whose turn was are dropped from the list together. */
const FORGET_FROM = 256

/**
 * Requests that take the event loop one after the other: SQLite's statements hold it until they are done. Without this
 * each would wait unseen in front of the loop, where nobody can refuse it, or answer at once what needs no time. When
 * the work of one turn of the loop has taken 5 ms, what comes waits here, in order, and the loop looks at what has
 * arrived after every 5 ms of them.
 */
export class Turns {
  readonly #waiting: (() => void)[] = []
  /** Index of the first in `waiting`. */
  #first = 0
  #isScheduled = false
  #sliceEndsAt = 0
  #turnAt = 0
  #released = 0
  /** Milliseconds from one's turn to that of the next, with all that the loop did between them. */
  #eachMs = 1
  /** What one of them takes of these. */
  #workMs = 1
  /** When the first of those whose turn it is began. */
  #workAt = 0

  get waiting() {
    return this.#waiting.length - this.#first
  }

  /** Milliseconds that what comes now has to wait, if it takes what others took. */
  get waitMs() {
    return this.waiting * this.#eachMs
  }

  get isFull() {
    return this.waiting >= CROWD && this.waitMs > WAIT_MOST_MS
  }

  /** Resolves when it is one's turn; undefined when that is now. */
  enter(now: number): Promise<void> | undefined {
    if (!this.#isScheduled) {
      this.#isScheduled = true
      this.#sliceEndsAt = now + SLICE_MS
      setImmediate(this.#turn)
    }
    if (this.waiting === 0 && now < this.#sliceEndsAt) return undefined
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** Once in each turn of the loop, while anybody came or waits. */
  readonly #turn = () => {
    const now = performance.now()
    if (this.#released > 0) {
      this.#eachMs = nearer(this.#eachMs, (now - this.#turnAt) / this.#released)
      this.#workMs = nearer(this.#workMs, (now - this.#workAt) / this.#released)
    }
    const count = Math.min(Math.max(1, Math.floor(SLICE_MS / this.#workMs)), this.waiting)
    this.#turnAt = now
    this.#released = count
    this.#workAt = 0
    this.#isScheduled = count > 0
    if (count === 0) return
    this.#sliceEndsAt = now
    // One each, for what it does runs when it returns.
    for (let nth = 0; nth < count; nth++) setImmediate(this.#release)
    setImmediate(this.#turn)
  }

  readonly #release = () => {
    this.#workAt ||= performance.now()
    this.#waiting[this.#first++]?.()
    if (this.#first < this.#waiting.length && this.#first < FORGET_FROM) return
    this.#waiting.splice(0, this.#first)
    this.#first = 0
  }
}

const nearer = (mean: number, ms: number) => mean + GAIN * (Math.min(ms, EACH_MOST_MS) - mean)
