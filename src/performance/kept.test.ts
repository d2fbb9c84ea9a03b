import { expect, test } from 'bun:test'
import { Kept } from './kept.ts'

function counted(ttlMs = 1_000) {
  let now = 0
  let made = 0
  let failing = false
  const kept = new Kept({
    ttlMs,
    clock: () => now,
    make: async () => {
      made++
      await Bun.sleep(1)
      if (failing) throw new Error('not now')
      return made
    },
  })
  return {
    kept,
    pass: (ms: number) => (now += ms),
    made: () => made,
    fail: (does: boolean) => (failing = does),
  }
}

test('twenty who ask at once get one, and so do those who come within its time', async () => {
  const { kept, pass, made } = counted()
  const values = await Promise.all(Array.from({ length: 20 }, () => kept.get()))
  expect(values).toEqual(Array(20).fill(1))
  pass(999)
  expect(await kept.get()).toBe(1)
  pass(1)
  expect(await kept.get()).toBe(2)
  expect(made()).toBe(2)
})

test('what was begun before it was dropped is not kept', async () => {
  const { kept } = counted()
  const early = kept.get()
  kept.drop()
  const late = kept.get()
  expect(await early).toBe(2)
  expect(await late).toBe(2)
  expect(await kept.get()).toBe(2)
})

test('a failure is told to all who wait, and to nobody after', async () => {
  const { kept, fail, made } = counted()
  fail(true)
  const results = await Promise.allSettled([kept.get(), kept.get()])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  fail(false)
  expect(await kept.get()).toBe(2)
  expect(made()).toBe(2)
})
