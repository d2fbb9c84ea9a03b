import { describe, expect, spyOn, test } from 'bun:test'
import { readConfig } from '../config.ts'
import { limiter } from './limit.ts'

const CONFIG = { ...readConfig({}, { dataDir: '/nowhere', logLevel: 'silent' }), rateLimits: true }

describe('a limiter', () => {
  test('counts what it grants, not what it refuses', () => {
    const { take } = limiter(CONFIG, 2, 60)
    const first = take('a')
    expect(first).toMatchObject({ limit: 2, remaining: 1 })
    expect(take('a').remaining).toBe(0)
    for (let i = 0; i < 10; i++) expect(() => take('a')).toThrow('Too many requests')
    first.giveBack()
    expect(take('a').remaining).toBe(0)
    expect(() => take('a')).toThrow()
    expect(take('b').remaining).toBe(1)
  })

  test('begins anew when its time is over', () => {
    using now = spyOn(performance, 'now').mockReturnValue(1_000)
    const { take } = limiter(CONFIG, 1, 60)
    const late = take('a')
    now.mockReturnValue(60_999)
    expect(() => take('a')).toThrow()
    now.mockReturnValue(61_000)
    take('a')
    // Of the time before: nothing of the one that runs is given back.
    late.giveBack()
    expect(() => take('a')).toThrow()
  })

  test('knows a hundred thousand keys at the most, and forgets the oldest', () => {
    const { take } = limiter(CONFIG, 1, 60)
    for (let i = 0; i < 100_001; i++) take(`2001:db8:0:${i.toString(16)}::/64`)
    expect(() => take('2001:db8:0:1::/64')).toThrow()
    expect(take('2001:db8:0:0::/64').remaining).toBe(0)
    expect(() => take('2001:db8:0:2::/64')).toThrow()
  })
})
