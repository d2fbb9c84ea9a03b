import { Histogram } from './histogram.ts'
import { currentTimeline } from './timeline.ts'

interface Waiter {
  readonly since: number
}

/** Who waits for something, in the order of asking. */
export class Waiting {
  readonly #waiters = new Set<Waiter>()

  get size() {
    return this.#waiters.size
  }

  enter(): Waiter {
    const waiter = { since: performance.now() }
    this.#waiters.add(waiter)
    return waiter
  }

  /** @returns how long it was, ms. */
  leave(waiter: Waiter) {
    this.#waiters.delete(waiter)
    return performance.now() - waiter.since
  }

  /** How long the first has waited, ms, when as many before it as are `served` don't wait any more; 0 for nobody. */
  oldestMs(served = 0) {
    let before = 0
    for (const { since } of this.#waiters) if (before++ >= served) return performance.now() - since
    return 0
  }
}

/** How long work waits for the database before its first statement, and how much of it does. */
export class StorageLoad {
  /** SQLite: from asking for the one writer until it is ours. */
  readonly writerWait = new Histogram()
  /** PostgreSQL: from asking for a connection until there is one. */
  readonly poolWait = new Histogram()
  /** For SQLite's one writer. */
  readonly writing = new Waiting()
  /** For a connection of their own. */
  readonly reserving = new Waiting()
  /** Statements on their way to PostgreSQL and back by any connection: beyond those that are free, they wait. */
  readonly statements = new Waiting()
  /** Connections that somebody has to himself. */
  reserved = 0
  /** 0 where there is no pool. */
  poolMax = 0
  /** Those who wait for the one writer now. */
  writerQueue: () => number = () => 0

  get #free() {
    return Math.max(this.poolMax - this.reserved, 0)
  }

  get poolInUse() {
    return this.reserved + Math.min(this.statements.size, this.#free)
  }

  get poolWaiting() {
    return this.reserving.size + Math.max(this.statements.size - this.#free, 0)
  }

  /** Milliseconds that whoever waits longest has waited by now; 0 when nobody waits. */
  waitMs() {
    const { writing, reserving, statements } = this
    return Math.max(writing.oldestMs(), reserving.oldestMs(), statements.oldestMs(this.#free))
  }

  waitedForWriter(ms: number) {
    this.#waited(this.writerWait, ms)
  }

  waitedForPool(ms: number) {
    this.#waited(this.poolWait, ms)
  }

  #waited(histogram: Histogram, ms: number) {
    histogram.add(ms)
    const timeline = currentTimeline()
    if (timeline) timeline.waitMs += ms
  }
}
