import { LRUCache } from 'lru-cache'
import type { Clock } from '../lib/time.ts'

const SLOTS = 65_536

/**
 * A version per tag. Tags share slots by hash, so that memory is bounded: a clash only drops an entry too many.
 */
export class TagVersions {
  readonly #versions = new Uint32Array(SLOTS)

  bump(tags: Iterable<string>) {
    for (const tag of tags) {
      const slot = this.slot(tag)
      this.#versions[slot] = this.at(slot) + 1
    }
  }

  slot(tag: string) {
    return Number(Bun.hash.crc32(tag)) % SLOTS
  }

  at(slot: number) {
    return this.#versions[slot] as number
  }
}

interface Entry<V> {
  value: V
  expiresAt: number
  slots: number[]
  versions: number[]
}

export interface CacheOptions {
  max: number
  /** 0 keeps nothing: only loads under way are shared. */
  ttlMs: number
}

/**
 * Values with a time to live and tags. What is kept carries the versions that its tags had before it was loaded,
 * and is served only while they stand: a slow load can't bring an old value back.
 */
export class Cache<V extends object> {
  readonly #entries: LRUCache<string, Entry<V>>
  readonly #loads = new Map<string, { entry: Omit<Entry<V>, 'value'>; value: Promise<V> }>()

  constructor(
    private readonly versions: TagVersions,
    private readonly clock: Clock,
    private readonly options: CacheOptions,
  ) {
    this.#entries = new LRUCache({ max: options.max })
  }

  /** The kept value, while it may be served. */
  peek(key: string): V | undefined {
    const entry = this.#entries.get(key)
    if (entry && this.#stands(entry) && this.clock() < entry.expiresAt) return entry.value
    return undefined
  }

  /**
   * @param tags what the value depends on; a write that touches one of them drops it.
   * @param until milliseconds UTC past which the value may not be served, from the value itself.
   */
  async get(key: string, tags: string[], load: () => Promise<V>, until?: (value: V) => number): Promise<V> {
    const kept = this.peek(key)
    if (kept) return kept
    const underWay = this.#loads.get(key)
    if (underWay && this.#stands(underWay.entry)) return underWay.value
    const slots = tags.map((tag) => this.versions.slot(tag))
    const entry = { slots, versions: slots.map((slot) => this.versions.at(slot)), expiresAt: 0 }
    const started = { entry, value: load() }
    this.#loads.set(key, started)
    try {
      const value = await started.value
      const expiresAt = Math.min(
        this.clock() + this.options.ttlMs,
        until?.(value) ?? Number.POSITIVE_INFINITY,
      )
      if (this.options.ttlMs > 0 && this.#stands(entry))
        this.#entries.set(key, { ...entry, expiresAt, value })
      return value
    } finally {
      if (this.#loads.get(key) === started) this.#loads.delete(key)
    }
  }

  #stands({ slots, versions }: Pick<Entry<V>, 'slots' | 'versions'>) {
    return slots.every((slot, i) => this.versions.at(slot) === versions[i])
  }
}
