import { describe, expect, test } from 'bun:test'
import { Home } from './program.ts'
import { databases } from './zimmer.ts'

const TOKEN = 'a token for the scraper'

describe.each(databases)('watching zimmer serve on %s', (database) => {
  test('a port of its own has the metrics without a token, and nothing else', async () => {
    await using home = await Home.on(database)
    const server = await home.serve([], { ZIMMER_METRICS_PORT: '0', ZIMMER_METRICS_TOKEN: TOKEN })
    await server.printed(/metrics on \S+\n/)
    const url = server.out.match(/metrics on (\S+)\n/)?.[1] as string
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/)
    const scraped = await fetch(url)
    expect(scraped.status).toBe(200)
    expect(await scraped.text()).toContain('\nzimmer_uptime_seconds ')
    expect((await fetch(new URL('/health', url))).status).toBe(404)
    expect((await server.client.get('/metrics')).status).toBe(401)
    expect(await server.stop()).toBe(0)
  })

  test('a request and a statement over ZIMMER_SLOW_MS are lines in the log, without values', async () => {
    await using home = await Home.on(database)
    const server = await home.serve([], { ZIMMER_SLOW_MS: '1' })
    const email = 'nobody-knows@example.com'
    const body = { email, password: 'a password that is none' }
    const { status, headers } = await server.client.post('/api/auth/login', body)
    expect(status).toBe(401)
    await server.stop()
    const text = await server.child.stderr.text()
    const lines = text.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []))
    const slow = lines.find(({ msg, name }) => msg === 'slow request' && name === 'POST /api/auth/login')
    expect(slow).toMatchObject({ status: 401, requestId: headers.get('x-request-id') })
    expect(Object.keys(slow.timeline)).toContain('handlerMs')
    expect(text).not.toContain(email)
  })

  test('--dev tells everybody where the time went; without it nobody', async () => {
    await using home = await Home.on(database)
    const server = await home.serve(['--dev'])
    expect((await server.client.get('/healthz')).headers.get('server-timing')).toContain('total;dur=')
    await server.stop()
    const other = await home.serve()
    expect((await other.client.get('/healthz')).headers.get('server-timing')).toBeNull()
  })
})

test('a metrics port that is taken ends the start, and says which setting to change', async () => {
  await using home = new Home()
  const server = await home.serve([], { ZIMMER_DATA_DIR: './other' })
  const { code, err } = await home.run(['serve'], { env: { ZIMMER_METRICS_PORT: new URL(server.url).port } })
  expect(code).toBe(1)
  expect(err).toContain('choose another with ZIMMER_METRICS_PORT')
})

test('settings that are none are refused with their names', async () => {
  await using home = new Home()
  const env = { ZIMMER_SLOW_MS: '-1', ZIMMER_METRICS_PORT: '70000' }
  const { code, err } = await home.run(['serve'], { env })
  expect(code).toBe(2)
  expect(err).toContain('ZIMMER_SLOW_MS must be a whole number')
  expect(err).toContain('ZIMMER_METRICS_PORT must be a whole number')
})
