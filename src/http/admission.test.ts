import { describe, expect, test } from 'bun:test'
import { count, testZimmer, times } from '../../test/zimmer.ts'
import { EventLoop } from '../metrics/event-loop.ts'
import { StorageLoad } from '../metrics/storage-load.ts'
import { Admission } from './admission.ts'

/** An admission whose measurements are told, not measured. */
function told() {
  const line = { waits: 0, start: async () => {}, stop() {}, send() {}, waitMs: () => line.waits }
  const logged: string[] = []
  const admission = new Admission(new EventLoop(), line, new StorageLoad(), {
    warn: (_, message) => logged.push(message),
  })
  let now = performance.now()
  /** Looks that many times, on time, with a hundred requests before each; how many of a hundred were admitted. */
  const looks = (rounds: number, requests = 100, takesTurn = true) => {
    let admitted = 0
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < requests; i++) if (admission.admits(takesTurn)) admitted++
      now += 20
      admission.look(now)
    }
    return (100 * admitted) / (rounds * requests)
  }
  return { line, admission, looks, logged }
}

describe('admission', () => {
  test('while nobody waits long everybody is admitted', () => {
    const { line, looks } = told()
    line.waits = 14
    expect(looks(100)).toBe(100)
  })

  test('a crowd may wait for less than a few, who only wait for each other', () => {
    const { line, admission, looks } = told()
    line.waits = 100
    admission.inFlight = 63
    expect(looks(100, 8)).toBe(100)
    admission.inFlight = 64
    expect(looks(100, 8)).toBeLessThan(50)
    line.waits = 0
    admission.inFlight = 0
    looks(100)
    // Unseen are as many as come meanwhile: with eight every 20 ms, 64 from 160 ms on.
    line.waits = 159
    expect(looks(100, 8)).toBe(100)
    line.waits = 161
    expect(looks(100, 8)).toBeLessThan(50)
    line.waits = 0
    looks(100)
    line.waits = 199
    expect(looks(100, 5)).toBe(100)
  })

  test('a pause refuses nobody', () => {
    const { line, looks } = told()
    line.waits = 500
    expect(looks(4)).toBe(100)
    line.waits = 0
    expect(looks(100)).toBe(100)
  })

  test('looks that come late, for the loop is busy, refuse as many as those that should have been', () => {
    const refusedShare = (everyMs: number, rounds: number) => {
      const { line, admission } = told()
      line.waits = 30
      let admitted = 0
      for (let round = 0; round < rounds; round++) {
        admitted = 0
        for (let i = 0; i < 5 * everyMs; i++) if (admission.admits()) admitted++
        admission.look(round * everyMs)
      }
      return 1 - admitted / (5 * everyMs)
    }
    expect(refusedShare(100, 9)).toBeGreaterThan(0.3)
    expect(refusedShare(20, 9)).toBeLessThan(0.3)
  })

  test('nor does a machine that is slow for another reason than its requests', () => {
    const { line, looks } = told()
    line.waits = 500
    expect(looks(100, 5)).toBe(100)
  })

  test('the longer the wait, the more are refused, though never all; it is over when the wait is', () => {
    const { line, looks, logged } = told()
    line.waits = 22
    looks(20)
    const some = looks(10)
    line.waits = 150
    looks(50)
    const few = looks(10)
    expect(some).toBeLessThan(100)
    expect(few).toBeLessThan(some)
    expect(few).toBeGreaterThan(0)
    line.waits = 1
    looks(50)
    expect(looks(10)).toBe(100)
    expect(logged).toEqual(['overloaded: a share of the requests is refused', 'no longer overloaded'])
  })

  test('of what needs no turn nobody is refused until most others are, and then the more, though never all', () => {
    const { line, looks } = told()
    line.waits = 22
    looks(20)
    const others = looks(3)
    expect(others).toBeLessThan(80)
    expect(others).toBeGreaterThan(20)
    expect(looks(1, 100, false)).toBe(100)
    line.waits = 150
    looks(50)
    expect(looks(1)).toBeLessThan(10)
    const quick = looks(10, 100, false)
    expect(quick).toBeLessThan(50)
    expect(quick).toBeGreaterThan(0)
  })

  test('waiting for the database counts as well: by the one who waits longest, though none was let in', async () => {
    const storage = new StorageLoad()
    const line = { start: async () => {}, stop() {}, send() {}, waitMs: () => 0 }
    const admission = new Admission(new EventLoop(), line, storage, { warn: () => {} })
    storage.reserving.enter()
    await Bun.sleep(500)
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 10; i++) admission.admits()
      admission.look()
    }
    expect(Array.from({ length: 20 }, () => admission.admits())).toContain(false)
  })

  test('a refusal is a 503 that says when to come again; health, sign-in and what staff watch are answered', async () => {
    const { admission, line, looks } = told()
    await using zimmer = await testZimmer('sqlite', { admission })
    const manager = await zimmer.as('manager')
    const { client } = await zimmer.user()
    line.waits = 4_000
    looks(60)
    const releasing = setInterval(() => admission.look(), 5)
    const replies = await times(50, () => client.get('/api/auth/sessions'))
    const refused = replies.find(({ status }) => status === 503)
    expect(count(replies, 503)).toBeGreaterThan(40)
    expect(refused?.headers.get('retry-after')).toBe('1')
    expect(refused?.headers.get('x-request-id')).toBe(refused?.body.requestId)
    expect(refused?.body).toMatchObject({ code: 'overloaded', status: 503 })
    for (const path of ['/health', '/healthz', '/readyz']) {
      expect((await zimmer.anyone.get(path)).status).toBe(200)
    }
    const wrong = { email: 'nobody@example.com', password: 'not the password' }
    expect(count(await times(10, () => zimmer.anyone.post('/api/auth/login', wrong)), 503)).toBe(0)
    expect(count(await times(10, () => manager.get('/api/admin/system/status')), 200)).toBe(10)
    line.waits = 0
    looks(60)
    clearInterval(releasing)
    expect(count(await times(20, () => client.get('/api/auth/sessions')), 200)).toBe(20)
  })

  test('what would wait too long for its turn is refused; what is vital, in memory or kept needs none', async () => {
    const { admission } = told()
    await using zimmer = await testZimmer('sqlite', { admission })
    const alice = await zimmer.customer({ paidTokens: 10 })
    await alice.client.get('/api/me')
    Object.defineProperty(admission.turns, 'isFull', { value: true })
    const refused = await times(5, () => alice.client.get('/api/user/usage'))
    expect(count(refused, 503)).toBe(5)
    expect(refused[0]?.body).toMatchObject({ code: 'overloaded', status: 503 })
    expect((await alice.client.get('/api/me')).status).toBe(200)
    expect((await zimmer.anyone.get('/readyz')).status).toBe(200)
    expect((await zimmer.consume(alice)).status).toBe(200)
  })

  test('the wait for a turn is told and counted as time in the queue, once', async () => {
    const { admission } = told()
    await using zimmer = await testZimmer('sqlite', { admission })
    const manager = await zimmer.as('manager')
    await manager.get('/api/me')
    Object.defineProperty(admission.turns, 'enter', { value: () => Bun.sleep(2_000) })
    const { headers } = await manager.get('/api/admin/audit')
    const timing = headers.get('server-timing') as string
    const of = (phase: string) => Number(new RegExp(`${phase};dur=([0-9.]+)`).exec(timing)?.[1])
    expect(of('queue')).toBeGreaterThanOrEqual(1_995)
    expect(of('total')).toBeLessThan(1_995)
    const series = zimmer.app.metrics.routes.all().find(({ path }) => path === '/api/admin/audit')
    expect(series?.times.maxMs).toBeGreaterThanOrEqual(1_995)
  })
})
