import type { Clock } from '../lib/time.ts'
import { type Kept, Store } from './store.ts'
import { type Slots, TagVersions } from './versions.ts'

/** A number takes less memory, and is found sooner. */
export type Key = string | number

interface Entry<V> extends Kept {
  value: V
  /** Milliseconds UTC. */
  expiresAt: number
  /** What it depends on, and the moment of `TagVersions` when it began to be loaded. */
  slots: Slots
  since: number
}

interface Load<V> {
  since: number
  loaded: Promise<Loaded<V>>
}

export interface CacheOptions<V> {
  /** As metrics and reports call it. */
  name: string
  /** Entries. */
  max: number
  /** 0 keeps nothing: only loads under way are shared. */
  ttlMs: number
  /** Bound of all entries together, with the size of one; by `max` alone unless given. */
  maxBytes?: number
  bytesOf?(value: V): number
}

/** What was loaded, with what it depends on and how long it may be served at the most. */
export interface Loaded<V> {
  value: V
  /** A write that touches one of them drops it. */
  tags: readonly string[]
  /** Milliseconds UTC past which it may not be served, from the value itself. */
  until?: number
}

/** Counts since the start. Of all asked for, `hits` were served from memory. */
export interface CacheCounts {
  hits: number
  misses: number
  /** Asked for while the same was being loaded: they waited for that load. */
  shared: number
  /** Kept, but what they depend on had changed. */
  stale: number
  /** Kept, but too old. */
  expired: number
  /** Dropped to make room. */
  evictions: number
}

/** What a cache needs of the process. */
export interface CacheHost {
  versions: TagVersions
  clock: Clock
  /** False while changes made elsewhere might not be heard of: nothing is served, nothing is kept. */
  isTrusted(): boolean
}

/**
 * Values with a time to live and tags. What is kept is served only while none of its tags has changed since its
 * load began: a slow load can't bring an old value back.
 */
export class Cache<V extends object> {
  readonly counts: CacheCounts = { hits: 0, misses: 0, shared: 0, stale: 0, expired: 0, evictions: 0 }
  readonly #entries: Store<Key, Entry<V>>
  readonly #loads = new Map<Key, Load<V>>()

  constructor(
    private readonly host: CacheHost,
    private readonly options: CacheOptions<V>,
  ) {
    this.#entries = new Store(options.max, options.maxBytes)
  }

  get name() {
    return this.options.name
  }

  get size() {
    return this.#entries.size
  }

  /** 0 unless it was told how large a value is. */
  get bytes() {
    return this.#entries.bytes
  }

  /** The kept value, while it may be served. */
  peek(key: Key): V | undefined {
    const entry = this.#entries.get(key)
    if (!entry || !this.host.isTrusted()) return undefined
    if (!this.host.versions.unchanged(entry.slots, entry.since)) {
      this.counts.stale++
      this.#entries.delete(key)
      return undefined
    }
    if (this.host.clock() >= entry.expiresAt) {
      this.counts.expired++
      this.#entries.delete(key)
      return undefined
    }
    this.counts.hits++
    return entry.value
  }

  /** Tells that a kept value takes another amount of memory than when it was kept. */
  measure(key: Key, value: V) {
    const entry = this.#entries.peek(key)
    if (entry?.value !== value) return
    this.counts.evictions += this.#entries.set(key, { ...entry, bytes: this.#bytesOf(value) })
  }

  /** The kept value, or the one that is being loaded, or one that is loaded now. */
  async get(key: Key, load: () => Promise<Loaded<V>>): Promise<V> {
    return this.peek(key) ?? this.load(key, load)
  }

  /** Without looking at what is kept: for callers that have just peeked. */
  load(key: Key, load: () => Promise<Loaded<V>>): Promise<V> {
    const underWay = this.#loads.get(key)
    return underWay && this.host.isTrusted() ? this.#join(underWay, key, load) : this.#start(key, load)
  }

  /** The value of a load under way, unless what it depends on changed between its begin and this request. */
  async #join(first: Load<V>, key: Key, load: () => Promise<Loaded<V>>): Promise<V> {
    const asked = this.host.versions.now()
    const loaded = await first.loaded.catch((error: unknown) => {
      if (first.since === asked) throw error
    })
    if (loaded && (first.since === asked || this.#unchanged(loaded.tags, first.since))) {
      this.counts.shared++
      return loaded.value
    }
    // Began after this request came, so it can't be too old; others that waited here share it.
    const second = this.#loads.get(key)
    if (!second || second === first || !this.host.isTrusted()) return this.#start(key, load)
    this.counts.shared++
    return (await second.loaded).value
  }

  async #start(key: Key, load: () => Promise<Loaded<V>>): Promise<V> {
    this.counts.misses++
    const started = { since: this.host.versions.now(), loaded: load() }
    this.#loads.set(key, started)
    try {
      const loaded = await started.loaded
      this.#keep(key, loaded, started.since)
      return loaded.value
    } finally {
      if (this.#loads.get(key) === started) this.#loads.delete(key)
    }
  }

  #unchanged(tags: readonly string[], since: number) {
    const { versions } = this.host
    return versions.unchanged(versions.slots(tags), since)
  }

  #keep(key: Key, { value, tags, until }: Loaded<V>, since: number) {
    const { versions, clock } = this.host
    const slots = versions.slots(tags)
    const expiresAt = Math.min(clock() + this.options.ttlMs, until ?? Number.POSITIVE_INFINITY)
    if (expiresAt <= clock() || !this.host.isTrusted() || !versions.unchanged(slots, since)) return
    const entry = { value, expiresAt, slots, since, bytes: this.#bytesOf(value), isUsed: false }
    this.counts.evictions += this.#entries.set(key, entry)
  }

  #bytesOf(value: V) {
    return this.options.bytesOf?.(value) ?? 0
  }
}

/** The caches of one process. */
export class Caches implements CacheHost {
  readonly all: Cache<object>[] = []
  readonly versions = new TagVersions()
  /** Until somebody knows better: with one process nothing is changed elsewhere. */
  isTrusted = () => true
  /** Who tells other nodes. */
  onSpent: ((slots: readonly number[]) => void) | undefined
  readonly #usageSlot = this.versions.slot('usage')

  /** @param off names of caches that keep nothing: benchmarks measure what a cache is worth. */
  constructor(
    readonly clock: Clock,
    private readonly off: readonly string[] = [],
  ) {}

  /** Consumes changed what these slots stand for, and the sum of all usage. */
  spent(slots: readonly number[]) {
    const all = [...slots, this.#usageSlot]
    this.versions.bumpSlots(all)
    this.onSpent?.(all)
  }

  open<V extends object>(options: CacheOptions<V>): Cache<V> {
    const cache = new Cache<V>(this, this.off.includes(options.name) ? { ...options, ttlMs: 0 } : options)
    this.all.push(cache as unknown as Cache<object>)
    return cache
  }
}
