import type { Clock } from '../lib/time.ts'

/**
 * One value that is dear to make: made once for all who ask meanwhile, one at a time, and kept for a while from then on.
 * Not one of the caches: it is also shared while a node trusts none of those.
 */
export class Kept<T> {
  #made: { until: number; value: Promise<T> } | undefined

  constructor(private readonly options: { ttlMs: number; clock: Clock; make: () => Promise<T> }) {}

  /** What fails is told to all who wait for it, and not kept. */
  get(): Promise<T> {
    const { ttlMs, clock, make } = this.options
    if (this.#made && clock() < this.#made.until) return this.#made.value
    const made = { until: clock() + ttlMs, value: make() }
    this.#made = made
    made.value.catch(() => {
      if (this.#made === made) this.#made = undefined
    })
    return made.value
  }

  /** What is being made now is not kept either. */
  drop() {
    this.#made = undefined
  }
}
