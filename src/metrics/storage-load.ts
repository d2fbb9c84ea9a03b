import { Histogram } from './histogram.ts'
import { currentTimeline } from './timeline.ts'

/** How long work waits for the database before its first statement, and how much of it does. */
export class StorageLoad {
  /** SQLite: from asking for the one writer until it is ours. */
  readonly writerWait = new Histogram()
  /** PostgreSQL: from asking for a connection until there is one. */
  readonly poolWait = new Histogram()
  poolInUse = 0
  poolWaiting = 0
  /** 0 where there is no pool. */
  poolMax = 0
  /** Those who wait for the one writer now. */
  writerQueue: () => number = () => 0

  #lastWaitMs = 0

  /** Milliseconds that whoever was let in last had waited; 0 when nobody waits. */
  waitMs() {
    return this.poolWaiting > 0 || this.writerQueue() > 0 ? this.#lastWaitMs : 0
  }

  waitedForWriter(ms: number) {
    this.#waited(this.writerWait, ms)
  }

  waitedForPool(ms: number) {
    this.#waited(this.poolWait, ms)
  }

  #waited(histogram: Histogram, ms: number) {
    histogram.add(ms)
    this.#lastWaitMs = ms
    const timeline = currentTimeline()
    if (timeline) timeline.waitMs += ms
  }
}
