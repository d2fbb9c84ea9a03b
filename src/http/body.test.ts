import { describe, expect, test } from 'bun:test'
import { connect } from 'node:net'
import { head, say } from '../../test/raw.ts'
import { until } from '../../test/until.ts'
import { type TestZimmer, testZimmer } from '../../test/zimmer.ts'
import { EventLoop } from '../metrics/event-loop.ts'
import { StorageLoad } from '../metrics/storage-load.ts'
import { Admission } from './admission.ts'

const LOGIN = 'POST /api/auth/login HTTP/1.1'
const json = (headers: Record<string, string | number>) =>
  head(LOGIN, { 'content-type': 'application/json', ...headers })

/** A byte now and then, until the server has had enough. */
async function* dripping(start: string, piece: string) {
  yield start
  for (;;) {
    await Bun.sleep(50)
    yield piece
  }
}

/** A body of which the last byte comes when there is no room left. */
async function* comingWhenFull(admission: Admission) {
  yield head('POST /api/auth/register HTTP/1.1', { 'content-type': 'application/json', 'content-length': 2 })
  yield '{'
  await Bun.sleep(100)
  admission.inFlight = 2_048
  yield '}'
}

const inMetrics = ({ app }: TestZimmer) =>
  app.metrics.routes.all().find(({ path }) => path === '/api/auth/login')?.counters

describe('a body', () => {
  const SLOW: [what: string, start: string, piece: string][] = [
    ['of a known length', json({ 'content-length': 60_000 }), ' '],
    ['in chunks', json({ 'transfer-encoding': 'chunked' }), '1\r\n \r\n'],
  ]
  test.each(SLOW)('%s that drips in is refused, and its connection ended', async (_what, start, piece) => {
    await using zimmer = await testZimmer('sqlite', { bodyMs: 400 })
    const heard = await say(zimmer.url, dripping(start, piece), { replies: 0 })
    expect(heard).toMatchObject({ statuses: [408], closed: true })
    expect(heard.text).toContain('"code":"body_too_slow"')
    expect(inMetrics(zimmer)).toMatchObject({ '4xx': 1, '5xx': 0 })
  })

  test('in several pieces is read as one', async () => {
    await using zimmer = await testZimmer('sqlite')
    const { email } = await zimmer.user()
    const body = JSON.stringify({ email, password: 'not the password' })
    const pieces = (async function* () {
      yield json({ 'content-length': body.length })
      for (const piece of body.match(/.{1,20}/g) as string[]) {
        await Bun.sleep(5)
        yield piece
      }
    })()
    expect((await say(zimmer.url, pieces)).statuses).toEqual([401])
  })

  test('that says that it is too large is not waited for', async () => {
    await using zimmer = await testZimmer('sqlite')
    const heard = await say(zimmer.url, dripping(json({ 'content-length': 100_000 }), ' '))
    expect(heard.statuses).toEqual([413])
  })

  test('that is still coming takes nobody else’s place', async () => {
    const line = { start: async () => {}, stop() {}, send() {}, waitMs: () => 0 }
    const admission = new Admission(new EventLoop(), line, new StorageLoad(), { warn() {} })
    await using zimmer = await testZimmer('sqlite', { admission, bodyMs: 2_000 })
    const { client } = await zimmer.user()
    // As many others as there is room for, but for one.
    admission.inFlight = 2_047
    const slow = Promise.all(
      Array.from({ length: 5 }, () => say(zimmer.url, dripping(json({ 'content-length': 100 }), ' '))),
    )
    await Bun.sleep(300)
    expect((await client.get('/api/me')).status).toBe(200)
    for (const { statuses } of await slow) expect(statuses).toEqual([408])
    expect(admission.inFlight).toBe(2_047)
    expect((await say(zimmer.url, comingWhenFull(admission))).statuses).toEqual([503])
    expect(admission.inFlight).toBe(2_048)
    admission.inFlight = 0
  })

  test.each(SLOW)('%s whose client hangs up is no fault of ours', async (_what, start, piece) => {
    await using zimmer = await testZimmer('sqlite')
    const errors: unknown[] = []
    zimmer.app.log.error = (...line: unknown[]) => void errors.push(line)
    const { hostname, port } = new URL(zimmer.url)
    const socket = connect(Number(port), hostname)
    await new Promise<unknown>((sent) => socket.write(start + piece, sent))
    // It is in hand when the next one is answered.
    await zimmer.anyone.get('/healthz')
    socket.destroy()
    await until(() => Object.values(inMetrics(zimmer) ?? {}).some((count) => count > 0))
    expect(inMetrics(zimmer)).toMatchObject({ '4xx': 1, '5xx': 0 })
    expect(errors).toEqual([])
  })
})
