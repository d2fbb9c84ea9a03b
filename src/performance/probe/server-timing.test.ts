import { expect, test } from 'bun:test'
import { readServerTiming } from './server-timing.ts'

test('reads what Zimmer sends', () => {
  const header =
    'queue;dur=0.4, auth;dur=1.25, cache;desc=miss, db;dur=12.5;desc="3 statements, slow", sql;desc=a;dur=12, total;dur=20'
  expect(readServerTiming(header)).toEqual({ totalMs: 20, dbMs: 12.5, queueMs: 0.4 })
})

test('without a total takes the longest part, and adds up the database', () => {
  expect(readServerTiming('app;dur=30;desc=x, sql-read;dur=4, SQL;DUR="5.5"')).toEqual({
    totalMs: 30,
    dbMs: 9.5,
    queueMs: 0,
  })
})

test('makes nothing of what says nothing', () => {
  for (const header of [
    undefined,
    '',
    'miss',
    'cache;desc="dur=5"x',
    'db;dur=',
    'db;dur=-3',
    ';;;,,,',
    '\u0000',
  ]) {
    expect(readServerTiming(header)).toBeNull()
  }
})

test('is not slowed by what is made to slow it', () => {
  const startedAt = performance.now()
  readServerTiming(`a${';"'.repeat(50_000)}`)
  readServerTiming(`a${';x'.repeat(50_000)},`.repeat(3))
  readServerTiming(','.repeat(100_000))
  // Hours, if it were quadratic in all of it.
  expect(performance.now() - startedAt).toBeLessThan(5_000)
})
