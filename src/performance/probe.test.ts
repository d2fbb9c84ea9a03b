import { describe, expect, test } from 'bun:test'
import { sql } from 'kysely'
import { blockedServer } from '../../test/blocked-server.ts'
import { blockedZimmer } from '../../test/blocked-zimmer.ts'
import { testCertificate } from '../../test/certificate.ts'
import {
  type Asked,
  ask,
  askFor,
  askUntil,
  codes,
  DELAY_MS,
  named,
  raw,
  serving,
  wrong,
  zimmerLike,
} from '../../test/probing.ts'
import { DelayingProxy, slowDial, testWires } from '../../test/slow-network.ts'
import { databases, type TestZimmer, testZimmer } from '../../test/zimmer.ts'
import type { Wires } from './probe/wires.ts'

const ONCE = { rounds: 1 }

const says = ({ verdict }: Asked) => verdict[0]?.says
const isSaturated = (seen: Asked) => wrong(seen).includes('saturated')

/** Whoever reads the table computes, or sleeps, before there is a row. */
const SLOW = {
  sqlite: (
    table: string,
  ) => `with recursive n(i) as (select 1 union all select i + 1 from n where i < 1500000)
    select own.* from (select count(*) as counted from n) cross join ${table} own where counted > 0`,
  postgres: (table: string) =>
    `select * from ${table} where (select count(pg_sleep(${DELAY_MS / 1_000}))) > 0`,
}

async function slowDown({ app }: TestZimmer, table: string) {
  await app.write(async (tx) => {
    await sql.raw(`alter table ${table} rename to ${table}_quick`).execute(tx)
    await sql.raw(`create view ${table} as ${SLOW[app.storage.dialect](`${table}_quick`)}`).execute(tx)
  })
}

async function asItWas({ app }: TestZimmer, table: string) {
  await app.write(async (tx) => {
    await sql.raw(`drop view ${table}`).execute(tx)
    await sql.raw(`alter table ${table}_quick rename to ${table}`).execute(tx)
  })
}

describe.each(databases)('a probe of a real Zimmer on %s', (database) => {
  test('asks its main endpoints and finds them well', async () => {
    await using zimmer = await testZimmer(database)
    await zimmer.customer()
    const seen = await askFor([], zimmer.url)
    expect(seen).toMatchObject({ is_zimmer: true, rounds: 2, failure: null, cut_short: false })
    expect(seen.endpoints.map(({ path, status, is_expected }) => [path, status, is_expected])).toEqual([
      ['/healthz', 200, true],
      ['/health', 200, true],
      ['/readyz', 200, true],
      ['/openapi.json', 200, true],
      ['/api/automations/marketplace', 200, true],
      ['/api/auth/login', 422, true],
    ])
    expect(seen.endpoints.every(({ is_kept, wait, kept_wait }) => is_kept && wait && kept_wait)).toBe(true)
    expect(seen.parallel?.together.count).toBe(12)
    expect(wrong(seen)).toEqual([])
  })

  test('tells staff of a statement that is really slow', async () => {
    await using zimmer = await testZimmer(database, { cachesOff: ['responses'] })
    const password = 'correct horse battery staple'
    const { client } = await zimmer.user('manager')
    const made = { email: 'maya@example.com', name: 'Maya', password, role: 'manager' }
    expect((await client.post('/api/admin/users/managers', made)).status).toBe(201)
    await slowDown(zimmer, 'user_automations')
    const signIn = { email: made.email, password }
    const slow = ({ verdict }: Asked) => verdict.find(({ code }) => code === 'slow_query')?.says
    const isSo = (seen: Asked) => slow(seen)?.includes('/api/me') === false
    const seen = await askUntil(isSo, zimmer.url, {}, { signIn })
    expect(slow(seen)).toContain('/api/user/usage')
    expect(slow(seen)).not.toContain('/api/me')
    await asItWas(zimmer, 'user_automations')
  })

  test('signs in, sees what staff sees, and ends its session', async () => {
    await using zimmer = await testZimmer(database)
    const password = 'correct horse battery staple'
    const { client } = await zimmer.user('manager', { email: 'boss@example.com' })
    const made = { email: 'maya@example.com', name: 'Maya', password, role: 'manager' }
    expect((await client.post('/api/admin/users/managers', made)).status).toBe(201)
    const account = { email: 'maya@example.com', password }
    const seen = await ask(zimmer.url, {}, { signIn: account })
    expect(seen.sign_in).toMatchObject({ status: 200, is_signed_in: true })
    expect(seen.endpoints.slice(-3).map(({ path, status }) => [path, status])).toEqual([
      ['/api/me', 200],
      ['/api/user/usage', 200],
      ['/api/admin/users', 200],
    ])
    // To staff the server tells of its own time.
    for (const { server, db, wait, kept_wait } of seen.endpoints.slice(-3)) {
      expect(server?.median).toBeGreaterThan(0)
      expect(db?.median).toBeLessThanOrEqual(server?.median as number)
      // It is measured on new connections and on kept ones.
      const longest = Math.max(wait?.max as number, kept_wait?.max as number)
      expect(server?.median).toBeLessThanOrEqual(longest)
    }
    const left = await zimmer.app.db
      .selectFrom('sessions')
      .innerJoin('users', 'users.id', 'sessions.user_id')
      .where('users.email', '=', 'maya@example.com')
      .where('sessions.revoked_at', 'is', null)
      .select('sessions.id')
      .execute()
    expect(left).toEqual([])
    expect(JSON.stringify(seen)).not.toContain(password)
  })

  test('says that a password is wrong and goes on without', async () => {
    await using zimmer = await testZimmer(database)
    const signIn = { email: 'nobody@example.com', password: 'wrong one' }
    const seen = await askFor(['sign_in_refused'], zimmer.url, {}, { rounds: 1, signIn })
    expect(wrong(seen)).toEqual(['sign_in_refused'])
    expect(seen.endpoints).toHaveLength(6)
  })

  test('says that a token is of no use', async () => {
    await using zimmer = await testZimmer(database)
    const seen = await askFor(['unexpected_status'], zimmer.url, {}, { rounds: 1, token: 'not-a-token' })
    expect(wrong(seen)).toEqual(['unexpected_status'])
    expect(seen.endpoints.slice(-3).map(({ status }) => status)).toEqual([401, 401, 401])
  })
})

describe('where the time goes', () => {
  test('a slow network is not a slow server', async () => {
    await using server = zimmerLike(() => Response.json([]))
    using proxy = await DelayingProxy.to(server.port, DELAY_MS / 2)
    const wires = { dial: slowDial(DELAY_MS) }
    const seen = await askFor(['slow_network'], `http://127.0.0.1:${proxy.port}`, wires, ONCE)
    expect(wrong(seen)).toEqual(['slow_network'])
  })

  test('a slow server is not a slow network', async () => {
    await using server = zimmerLike(async () => {
      await Bun.sleep(DELAY_MS)
      return Response.json([])
    })
    const isSo = (seen: Asked) => wrong(seen).join() === 'slow_server' && !says(seen)?.includes('/healthz')
    const seen = await askUntil(isSo, server.url)
    expect(wrong(seen)).toEqual(['slow_server'])
    expect(says(seen)).toContain('/api/automations/marketplace')
    expect(says(seen)).not.toContain('/healthz')
  })

  test('a slow page of a server that is no Zimmer', async () => {
    await using server = serving(async (path) => {
      if (path === '/slow') await Bun.sleep(DELAY_MS)
      return new Response('hello')
    })
    const seen = await askFor(['slow_server'], `${server.url}/slow?q=1`)
    expect(seen).toMatchObject({ is_zimmer: false, endpoints: [{ path: '/slow?q=1', server: null }] })
    expect(wrong(seen)).toEqual(['slow_server'])
    expect(wrong(await askFor([], `${server.url}/quick`))).toEqual([])
  })

  test('a slow query is told from the rest of the server', async () => {
    await using server = zimmerLike(async (path) => {
      const isQuery = path.includes('marketplace')
      await Bun.sleep(DELAY_MS)
      const timing = `queue;dur=0.1, db;dur=${isQuery ? DELAY_MS - 10 : 1};desc="3 statements, slow", total;dur=${DELAY_MS}`
      return Response.json([], { headers: { 'server-timing': timing } })
    })
    const seen = await askFor(['slow_query', 'slow_server'], server.url)
    expect(wrong(seen).sort()).toEqual(['slow_query', 'slow_server'])
    const saysOf = (code: string) => seen.verdict.find((one) => one.code === code)?.says
    expect(saysOf('slow_query')).toContain('/api/automations/marketplace')
    expect(saysOf('slow_server')).toContain('/openapi.json')
  })

  test('a proxy that holds every request is neither', async () => {
    await using server = zimmerLike(() => Response.json([]))
    using proxy = await DelayingProxy.to(server.port, DELAY_MS / 2)
    const seen = await askFor(['slow_between'], `http://127.0.0.1:${proxy.port}`, {}, ONCE)
    expect(wrong(seen)).toEqual(['slow_between'])
  })

  test('a real Zimmer whose event loop is blocked in bursts', async () => {
    await using zimmer = await blockedZimmer({ blockedMs: 300, freeMs: 20 })
    const { email, password } = zimmer
    const seen = await askUntil(isSaturated, zimmer.url, {}, { signIn: { email, password } })
    expect(seen.is_zimmer).toBe(true)
    expect(wrong(seen)).toContain('saturated')
    // It says so itself.
    expect(seen.endpoints.some(({ queue }) => (queue?.max ?? 0) > 100)).toBe(true)
  })

  test('an event loop that is blocked in bursts', async () => {
    using server = await blockedServer({ blockedMs: 300, freeMs: 20 })
    expect(wrong(await askUntil(isSaturated, server.url))).toContain('saturated')
  })

  test('a server whose requests wait for one another', async () => {
    using server = await blockedServer({ computeMs: 40 })
    const seen = await askUntil(isSaturated, server.url)
    expect(wrong(seen)).toContain('saturated')
    expect(wrong(seen)).not.toContain('slow_between')
  })

  test('an IPv6 address that refuses comes first', async () => {
    await using server = zimmerLike(() => Response.json([]))
    const resolve = named('::1', '127.0.0.1')
    const seen = await askFor([], `http://zimmer.test:${server.port}`, { resolve })
    expect(codes(seen)).toContain('ipv6_fails')
    expect(seen).toMatchObject({ used_address: '127.0.0.1', failure: null })
    expect(seen.verdict[0]?.says).toContain('it comes first')
    // A refusal is quick here, so it is only good to know.
    expect(wrong(seen)).toEqual([])
  })

  test('an IPv6 address that never answers costs its time-out', async () => {
    await using server = zimmerLike(() => Response.json([]))
    const hanging = testWires({}).dial
    const dial: Wires['dial'] = (address, port, signal) =>
      address === '::1' ? new Promise(() => {}) : hanging(address, port, signal)
    const wires = { dial, resolve: named('::1', '127.0.0.1') }
    const seen = await askFor(['ipv6_fails'], `http://zimmer.test:${server.port}`, wires, {
      timeoutMs: 1_500,
    })
    expect(wrong(seen)).toEqual(['ipv6_fails'])
    expect(seen.addresses[0]).toMatchObject({ address: '::1', failure: { code: 'connect_timeout' } })
  })

  test('a slow name look-up', async () => {
    await using server = zimmerLike(() => Response.json([]))
    const resolve = async () => {
      await Bun.sleep(DELAY_MS)
      return [{ address: '127.0.0.1', family: 4 as const }]
    }
    const seen = await askFor(['slow_lookup'], `http://zimmer.test:${server.port}`, { resolve })
    expect(wrong(seen)).toEqual(['slow_lookup'])
  })

  test('a slow TLS handshake', async () => {
    const { cert, key } = testCertificate()
    await using server = serving(() => new Response('hello'), { cert, key })
    // Connecting is quick, as the proxy answers for that itself; what comes back from the server is late.
    using proxy = await DelayingProxy.to(server.port, DELAY_MS / 2)
    const url = `https://localhost:${proxy.port}/page`
    const near = { ca: cert, resolve: named('127.0.0.1') }
    const seen = await askUntil((one) => codes(one).includes('slow_tls'), url, near, ONCE)
    expect(codes(seen)).toContain('slow_tls')
    expect(seen.tls).toMatchObject({ protocol: 'TLSv1.3', certificate: { problem: null } })

    // The same handshake over a network that is as slow as that.
    const far = { ...near, dial: slowDial(DELAY_MS) }
    const other = await askUntil((one) => codes(one).join() === 'slow_network', url, far, ONCE)
    expect(codes(other)).toEqual(['slow_network'])
  })

  test('an answer that travels long', async () => {
    await using server = serving(() => {
      const body = new ReadableStream({
        async start(controller) {
          controller.enqueue(new Uint8Array(1_000))
          await Bun.sleep(DELAY_MS)
          controller.enqueue(new Uint8Array(1_000))
          controller.close()
        },
      })
      return new Response(body)
    })
    const seen = await askFor(['slow_transfer'], `${server.url}/download`)
    expect(wrong(seen)).toEqual(['slow_transfer'])
    expect(seen.endpoints[0]?.body_bytes).toBe(2_000)
  })

  test('no keep-alive, and no compression', async () => {
    const page = `<p>${'word '.repeat(4_000)}</p>`
    const head = `HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: ${page.length}\r\n\r\n`
    using server = await raw((socket) => socket.once('data', () => socket.end(head + page)))
    const found = ['no_compression', 'no_keep_alive']
    const isSo = (seen: Asked) => codes(seen).sort().join() === found.join()
    expect(codes(await askUntil(isSo, `${server.url}/page`)).sort()).toEqual(found)
  })

  test('a redirect from http to https, and the token goes no further than its host', async () => {
    const { cert, key } = testCertificate()
    const tokens: (string | null)[] = []
    await using secured = serving(
      (path, request) => {
        tokens.push(request.headers.get('authorization'))
        return path === '/health' ? Response.json({ uptime_s: 1, checks: {} }) : Response.json([])
      },
      { cert, key },
    )
    const redirecting = (to: string) =>
      serving((path) => new Response(null, { status: 301, headers: { location: `${to}${path}` } }))
    await using plain = redirecting(`https://127.0.0.1:${secured.port}`)
    const seen = await ask(plain.url, { ca: cert }, { rounds: 1, token: 'secret' })
    expect(codes(seen)).toContain('redirect_to_https')
    expect(seen).toMatchObject({ is_zimmer: true, probed_url: `${secured.url}/` })
    expect(tokens).toContain('Bearer secret')

    tokens.length = 0
    await using elsewhere = redirecting(`https://localhost:${secured.port}`)
    const wires = { ca: cert, resolve: named('127.0.0.1') }
    expect((await ask(elsewhere.url, wires, { rounds: 1, token: 'secret' })).is_zimmer).toBe(true)
    expect(tokens.filter(Boolean)).toEqual([])
  })

  test('stops when the time for all of it is over, and judges what it has', async () => {
    await using server = serving(async () => {
      await Bun.sleep(DELAY_MS)
      return new Response('late')
    })
    const options = { rounds: 50, overallMs: 4 * DELAY_MS }
    const seen = await askFor(['slow_server'], `${server.url}/page`, {}, options)
    expect(seen).toMatchObject({ cut_short: true, parallel: null })
    expect(seen.rounds).toBeLessThan(50)
    expect(wrong(seen)).toEqual(['slow_server'])
  })
})
