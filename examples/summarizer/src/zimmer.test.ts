import { expect, test } from 'bun:test'
import { FakeZimmer } from '../test/fake-zimmer.ts'
import { consume, readRetryAfter } from './zimmer.ts'

const access = (fake: FakeZimmer, timeoutMs = 20_000) => ({
  url: fake.url,
  serviceToken: fake.token,
  timeoutMs,
  backoffMs: 1,
})
const two = { userAutomationId: 42, units: 2, meta: { words: 300 }, idempotencyKey: 'key-1' }

function fakeWith(demo: number, paid = 0): FakeZimmer {
  const fake = new FakeZimmer()
  fake.balances.set(42, { demo, paid })
  return fake
}

test('it consumes as API.md has it', async () => {
  await using fake = fakeWith(1, 4)
  expect(await consume(access(fake), two)).toEqual({ kind: 'accepted', left: { demo: 0, paid: 3 } })
  expect(fake.calls).toEqual([
    {
      key: 'key-1',
      token: fake.token,
      body: { user_automation_id: 42, units: 2, usage_type: 'summary', meta: { words: 300 } },
    },
  ])
})

test.each([500, 502, 503, 429])('after two answers of %d it asks again with the same key', async (status) => {
  await using fake = fakeWith(5)
  fake.trouble = { count: 2, status }
  expect(await consume(access(fake), two)).toMatchObject({ kind: 'accepted', left: { demo: 3 } })
  expect(fake.keys).toEqual(['key-1', 'key-1', 'key-1'])
})

test('an answer that got lost is not counted twice', async () => {
  await using fake = fakeWith(5)
  fake.trouble = { count: 3, status: 500, counted: true }
  expect(await consume(access(fake), two)).toMatchObject({ kind: 'accepted', left: { demo: 3 } })
  expect(fake.balances.get(42)).toEqual({ demo: 3, paid: 0 })
})

test('an answer that hangs is given up and asked for again', async () => {
  await using fake = fakeWith(5)
  fake.trouble = { count: 1, status: 200, counted: true, hanging: true }
  expect(await consume(access(fake, 1_000), two)).toMatchObject({ kind: 'accepted', left: { demo: 3 } })
})

test('after four tries it gives up', async () => {
  await using fake = fakeWith(5)
  fake.trouble = { count: 10, status: 500 }
  expect(await consume(access(fake), two)).toMatchObject({ kind: 'unavailable' })
  expect(fake.calls).toHaveLength(4)
})

test('a long Retry-After is passed on instead of waited for', async () => {
  await using fake = fakeWith(5)
  fake.trouble = { count: 10, status: 503, headers: { 'retry-after': '30' } }
  expect(await consume(access(fake), two)).toMatchObject({ kind: 'unavailable', retryAfterSeconds: 30 })
  expect(fake.calls).toHaveLength(1)
})

test.each([
  [401, 'misconfigured'],
  [404, 'no_subscription'],
  [409, 'key_reused'],
  [422, 'misconfigured'],
] as const)('%d is final: %s', async (status, kind) => {
  await using fake = fakeWith(5)
  fake.trouble = { count: 1, status }
  expect(await consume(access(fake), two)).toMatchObject({ kind })
  expect(fake.calls).toHaveLength(1)
})

test('the token does not follow a redirect', async () => {
  await using elsewhere = fakeWith(5)
  await using fake = fakeWith(5)
  const location = `${elsewhere.url}/api/automation-usage/consume`
  fake.trouble = { count: 1, status: 307, headers: { location } }
  expect(await consume(access(fake), two)).toMatchObject({ kind: 'misconfigured' })
  expect(elsewhere.calls).toEqual([])
})

test('a 200 that is not an answer of Zimmer is no yes', async () => {
  await using fake = fakeWith(5)
  fake.trouble = { count: 10, status: 200 }
  expect(await consume(access(fake), two)).toMatchObject({ kind: 'unavailable' })
})

test('Retry-After is seconds or a date', () => {
  const nowMs = Date.parse('2026-01-01T00:00:00Z')
  expect(readRetryAfter('7', nowMs)).toBe(7)
  expect(readRetryAfter('Thu, 01 Jan 2026 00:00:09 GMT', nowMs)).toBe(9)
  expect(readRetryAfter('Wed, 31 Dec 2025 00:00:00 GMT', nowMs)).toBe(0)
  expect(readRetryAfter('soon', nowMs)).toBe(0)
  expect(readRetryAfter(null, nowMs)).toBe(0)
})
