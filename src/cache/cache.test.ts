import { describe, expect, test } from 'bun:test'
import { Caches } from './cache.ts'

class Slow {
  readonly #waiting: (() => void)[] = []
  loads = 0
  constructor(public value: string) {}

  /** What is the value when it starts; ends at `finish()`. */
  load = async (tags: string[], until?: number) => {
    this.loads++
    const value = { text: this.value }
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
    return { value, tags, ...(until === undefined ? {} : { until }) }
  }

  finish() {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

function open(options: { max?: number; maxBytes?: number } = {}) {
  let now = 1_000
  const caches = new Caches(() => now)
  const bytesOf = ({ text }: { text: string }) => text.length
  const cache = caches.open<{ text: string }>({ name: 'test', max: 10, ttlMs: 100, bytesOf, ...options })
  const at = (text: string, tags: string[] = []) => cache.get('key', async () => ({ value: { text }, tags }))
  const advance = (ms: number) => {
    now += ms
  }
  return { caches, cache, at, advance }
}

describe('a cache', () => {
  test('serves what it keeps until its time is over', async () => {
    const { at, cache, advance } = open()
    expect(await at('first')).toEqual({ text: 'first' })
    advance(99)
    expect(await at('second')).toEqual({ text: 'first' })
    advance(1)
    expect(await at('third')).toEqual({ text: 'third' })
    expect(cache.counts).toMatchObject({ hits: 1, misses: 2, expired: 1 })
  })

  test('a value that ends sooner than its time to live is not served longer', async () => {
    const { cache, advance } = open()
    const load = (text: string) => cache.get('key', async () => ({ value: { text }, tags: [], until: 1_010 }))
    await load('first')
    advance(9)
    expect(await load('second')).toEqual({ text: 'first' })
    advance(1)
    expect(await load('third')).toEqual({ text: 'third' })
  })

  test('ten thousand customers who spend drop nothing that has other tags', async () => {
    const { caches, cache } = open({ max: 2_000 })
    const load = (id: number) =>
      cache.get(`${id}`, async () => ({ value: { text: '' }, tags: [`user:${id}`] }))
    for (let id = 0; id < 1_000; id++) await load(id)
    caches.spent(Array.from({ length: 10_000 }, (_, id) => caches.versions.slot(`tokens:${id}`)))
    for (let id = 0; id < 1_000; id++) await load(id)
    expect(cache.counts).toMatchObject({ hits: 1_000, misses: 1_000 })
  })

  test('a change of one of its tags drops it, of another not', async () => {
    const { at, caches, cache } = open()
    await at('first', ['a', 'b'])
    caches.versions.bump(['c'])
    expect(await at('second', ['a', 'b'])).toEqual({ text: 'first' })
    caches.versions.bump(['b'])
    expect(await at('third')).toEqual({ text: 'third' })
    expect(cache.counts.stale).toBe(1)
  })

  test('a slow load that began before a change is not kept', async () => {
    const { at, caches, cache } = open()
    const slow = new Slow('old')
    const loading = cache.get('key', () => slow.load(['a']))
    caches.versions.bump(['a'])
    slow.finish()
    expect(await loading).toEqual({ text: 'old' })
    expect(await at('new', ['a'])).toEqual({ text: 'new' })
  })

  test('those that ask at once share one load', async () => {
    const { cache } = open()
    const slow = new Slow('value')
    const asked = Array.from({ length: 20 }, () => cache.get('key', () => slow.load(['a'])))
    slow.finish()
    expect(await Promise.all(asked)).toEqual(Array.from({ length: 20 }, () => ({ text: 'value' })))
    expect(slow.loads).toBe(1)
    expect(cache.counts).toMatchObject({ misses: 1, shared: 19, hits: 0 })
  })

  test('who asks after a change does not get what was being loaded before it, and loads once', async () => {
    const { caches, cache } = open()
    const slow = new Slow('old')
    const early = cache.get('key', () => slow.load(['a']))
    slow.value = 'new'
    caches.versions.bump(['a'])
    const late = Array.from({ length: 20 }, () => cache.get('key', () => slow.load(['a'])))
    slow.finish()
    await Bun.sleep(0)
    slow.finish()
    expect(await early).toEqual({ text: 'old' })
    expect(await Promise.all(late)).toEqual(Array.from({ length: 20 }, () => ({ text: 'new' })))
    expect(slow.loads).toBe(2)
  })

  test('a refusal from before a change is not shared with who asks after it', async () => {
    const { caches, cache } = open()
    let refuse = (_error: Error) => {}
    const refused = cache.get('key', () => new Promise((_, reject) => (refuse = reject)))
    caches.versions.bump(['a'])
    const late = cache.get('key', async () => ({ value: { text: 'welcome' }, tags: [] }))
    refuse(new Error('who are you'))
    expect(refused).rejects.toThrow('who are you')
    expect(await late).toEqual({ text: 'welcome' })
  })

  test('while it is not trusted nothing is served, kept or shared', async () => {
    const { at, caches, cache } = open()
    await at('kept')
    caches.isTrusted = () => false
    expect(await at('read')).toEqual({ text: 'read' })
    const slow = new Slow('each')
    const both = [cache.get('key', () => slow.load([])), cache.get('key', () => slow.load([]))]
    slow.finish()
    await Promise.all(both)
    expect(slow.loads).toBe(2)
    caches.isTrusted = () => true
    caches.versions.bumpAll()
    expect(await at('anew')).toEqual({ text: 'anew' })
  })

  test('it is bounded in entries and in bytes', async () => {
    const few = open({ max: 3 })
    for (let i = 0; i < 10; i++) await few.cache.get(`${i}`, async () => ({ value: { text: 'x' }, tags: [] }))
    expect(few.cache.size).toBe(3)
    expect(few.cache.counts.evictions).toBe(7)
    const small = open({ maxBytes: 10 })
    for (let i = 0; i < 5; i++)
      await small.cache.get(`${i}`, async () => ({ value: { text: '1234' }, tags: [] }))
    expect(small.cache.bytes).toBeLessThanOrEqual(10)
    await small.cache.get('large', async () => ({ value: { text: 'x'.repeat(11) }, tags: [] }))
    expect(small.cache.peek('large')).toBeUndefined()
  })
})
