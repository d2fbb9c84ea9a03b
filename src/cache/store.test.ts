import { describe, expect, test } from 'bun:test'
import { Store } from './store.ts'

const entry = (bytes = 1) => ({ bytes, isUsed: false })

describe('a store', () => {
  test('drops what was not asked for before what was, and the oldest of those', () => {
    const store = new Store<string, ReturnType<typeof entry>>(3)
    for (const key of ['a', 'b', 'c']) store.set(key, entry())
    store.get('a')
    store.peek('b')
    expect(store.set('d', entry())).toBe(1)
    expect(['a', 'b', 'c', 'd'].filter((key) => store.peek(key))).toEqual(['a', 'c', 'd'])
    // `a` was asked for once, and has been passed by once.
    store.set('e', entry())
    store.set('f', entry())
    expect(['a', 'c', 'd', 'e', 'f'].filter((key) => store.peek(key))).toEqual(['a', 'e', 'f'])
    store.set('g', entry())
    expect(['a', 'e', 'f', 'g'].filter((key) => store.peek(key))).toEqual(['a', 'f', 'g'])
  })

  test('what all ask for stays while a hundred thousand pass by', () => {
    const store = new Store<number, ReturnType<typeof entry>>(1_000)
    for (let key = 0; key < 500; key++) store.set(key, entry())
    for (let key = 1_000; key < 101_000; key++) {
      store.get(key % 500)
      store.set(key, entry())
    }
    expect(Array.from({ length: 500 }, (_, key) => store.peek(key)).filter(Boolean)).toHaveLength(500)
    expect(store.size).toBe(1_000)
  })

  test('makes the room that a large one needs, and keeps none that is larger than all', () => {
    const store = new Store<string, ReturnType<typeof entry>>(10, 100)
    for (const key of ['a', 'b', 'c']) store.set(key, entry(30))
    expect(store.set('d', entry(60))).toBe(2)
    expect([store.size, store.bytes]).toEqual([2, 90])
    expect(store.set('e', entry(101))).toBe(0)
    expect([store.size, store.bytes]).toEqual([2, 90])
    expect(store.set('d', entry(70))).toBe(0)
    expect(store.bytes).toBe(100)
    store.delete('d')
    store.delete('nobody')
    expect([store.size, store.bytes]).toEqual([1, 30])
  })

  test('the only one that is left is dropped, too', () => {
    const store = new Store<string, ReturnType<typeof entry>>(1)
    store.set('a', entry())
    store.get('a')
    store.set('b', entry())
    expect([store.peek('a'), store.size]).toEqual([undefined, 1])
  })
})
