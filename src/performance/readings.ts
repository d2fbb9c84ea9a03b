import { availableParallelism } from 'node:os'
import type { Sample } from './samples.ts'

/** What is read off this process from time to time: its memory now and then, its CPU time over a whole minute. */
export class Readings {
  readonly #processors = availableParallelism()
  #memory = { count: 0, total: 0, largest: 0 }
  #sinceMs = performance.now()
  #cpu = process.cpuUsage()

  /** Costs some microseconds; the more often, the surer is the largest. */
  look() {
    const bytes = process.memoryUsage.rss()
    this.#memory.count++
    this.#memory.total += bytes
    this.#memory.largest = Math.max(this.#memory.largest, bytes)
  }

  /** Since the last `take()`: bytes of memory, hundredths of a percent of all processors. */
  peek(): Sample[] {
    this.look()
    const { user, system } = process.cpuUsage(this.#cpu)
    const spanMs = Math.max(performance.now() - this.#sinceMs, 1)
    const share = (user + system) / 1_000 / spanMs / this.#processors
    const percent = Math.round(Math.min(share, 1) * 10_000)
    return [
      { ...NOTHING, name: 'memory', ...this.#memory },
      { ...NOTHING, name: 'cpu', count: 1, total: percent, largest: percent },
    ]
  }

  take(): Sample[] {
    const taken = this.peek()
    this.#memory = { count: 0, total: 0, largest: 0 }
    this.#sinceMs = performance.now()
    this.#cpu = process.cpuUsage()
    return taken
  }
}

const NOTHING = {
  kind: 'process',
  good: 0,
  failed: 0,
  targetMs: null,
  buckets: [],
} as const satisfies Partial<Sample>
