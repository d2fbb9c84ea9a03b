import { Histogram } from './histogram.ts'

const EVERY_MS = 20
/** Timers are never exact. */
const LATE_FROM_MS = 2

/**
 * How late the event loop is: a timer is due every 20 ms, and tells by how much it was missed. While it is overdue, or
 * in the turn of the loop after a late one, whatever begins has waited for up to that long.
 */
export class EventLoop {
  readonly lag = new Histogram()
  #timer: Timer | undefined
  #dueAt = Number.POSITIVE_INFINITY
  #lateMs = 0
  readonly #listeners = new Set<() => void>()

  start() {
    if (this.#timer) return
    this.#schedule()
  }

  stop() {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#dueAt = Number.POSITIVE_INFINITY
  }

  /** @param now of `performance.now()`. Milliseconds that what begins now may have waited; 0 on an idle loop. */
  lagAt(now: number): number {
    const overdueMs = now - this.#dueAt
    return Math.max(overdueMs, this.#lateMs)
  }

  /** To be called every 20 ms, or when the loop has the time. Returns what ends it. */
  onTick(listener: () => void) {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #schedule() {
    this.#dueAt = performance.now() + EVERY_MS
    this.#timer = setTimeout(() => this.#tick(), EVERY_MS)
    this.#timer.unref()
  }

  #tick() {
    const lateMs = Math.max(performance.now() - this.#dueAt, 0)
    this.lag.add(lateMs)
    if (lateMs > LATE_FROM_MS) {
      this.#lateMs = lateMs
      // What came while the loop was busy is begun between these two.
      setImmediate(() => setImmediate(() => this.#forget(lateMs)))
    }
    this.#schedule()
    for (const listener of this.#listeners) listener()
  }

  #forget(lateMs: number) {
    if (this.#lateMs === lateMs) this.#lateMs = 0
  }
}
