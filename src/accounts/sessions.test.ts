import { describe, expect, test } from 'bun:test'
import { Client, databases, type TestZimmer, testZimmer, times } from '../../test/zimmer.ts'
import { startSession } from './accounts.ts'
import { accountsJobs } from './jobs.ts'

const DAY_MS = 86_400_000
const LOGOUT = '/api/auth/logout'

/** Another device of the same user. */
async function anotherSession(zimmer: TestZimmer, userId: number) {
  const device = { ip: '192.0.2.7', userAgent: 'another' }
  const session = await zimmer.app.write((tx) =>
    startSession(tx, zimmer.app.config.jwtSecret, { id: userId, role: 'customer' }, device),
  )
  return { ...session, client: new Client(zimmer.url, { authorization: `Bearer ${session.accessToken}` }) }
}

describe.each(databases)('POST /api/auth/logout on %s', (database) => {
  test('it ends the session of the access token at once, and takes the cookie back', async () => {
    await using zimmer = await testZimmer(database)
    const { client, refreshToken } = await zimmer.user()
    await client.get('/api/me')
    const reply = await client.post(LOGOUT)
    expect(reply.body).toEqual({ ok: true, message: expect.any(String) })
    expect(reply.headers.get('set-cookie')).toStartWith('refresh_token=; Max-Age=0; Path=/api/auth;')
    expect((await client.get('/api/me')).status).toBe(401)
    const cookie = { cookie: `refresh_token=${refreshToken}` }
    expect((await zimmer.anyone.post('/api/auth/refresh', undefined, cookie)).status).toBe(401)
  })

  test('the cookie alone is enough', async () => {
    await using zimmer = await testZimmer(database)
    const { client, refreshToken } = await zimmer.user()
    await client.get('/api/me')
    await zimmer.anyone.post(LOGOUT, undefined, { cookie: `refresh_token=${refreshToken}` })
    expect((await client.get('/api/me')).status).toBe(401)
  })

  test('a page of another origin may not sign anybody out', async () => {
    await using zimmer = await testZimmer(database)
    const { client, refreshToken } = await zimmer.user()
    const headers = { cookie: `refresh_token=${refreshToken}`, origin: 'https://evil.example.com' }
    expect((await zimmer.anyone.post(LOGOUT, undefined, headers)).status).toBe(403)
    expect((await client.get('/api/me')).status).toBe(200)
  })

  test('twice is as good as once, and so is nothing at all', async () => {
    await using zimmer = await testZimmer(database)
    const { client } = await zimmer.user()
    for (const caller of [client, client, zimmer.anyone]) {
      expect((await caller.post(LOGOUT)).body.ok).toBe(true)
    }
  })
})

describe.each(databases)('POST /api/auth/logout-all on %s', (database) => {
  test('it ends all sessions of the user, and of nobody else', async () => {
    await using zimmer = await testZimmer(database)
    const { client, userId } = await zimmer.user()
    const others = await times(3, () => anotherSession(zimmer, userId))
    const stranger = await zimmer.user()
    for (const other of others) expect((await other.client.get('/api/me')).status).toBe(200)
    const reply = await client.post('/api/auth/logout-all')
    expect(reply.body).toEqual({ ok: true, message: expect.any(String), revoked: 4 })
    for (const each of [client, ...others.map((other) => other.client)]) {
      expect((await each.get('/api/me')).status).toBe(401)
    }
    expect((await stranger.client.get('/api/me')).status).toBe(200)
  })
})

describe.each(databases)('/api/auth/sessions on %s', (database) => {
  test('it lists the live ones and marks the one that asks', async () => {
    await using zimmer = await testZimmer(database)
    const { client, userId, sessionId } = await zimmer.user()
    const other = await anotherSession(zimmer, userId)
    const ended = await anotherSession(zimmer, userId)
    await ended.client.post(LOGOUT)
    await zimmer.user()
    const { body } = await client.get('/api/auth/sessions')
    expect(body.map((session: { id: number }) => session.id)).toEqual([other.sessionId, sessionId])
    expect(body[0]).toMatchObject({ ip: '192.0.2.7', user_agent: 'another', current: false })
    expect(body[1]).toMatchObject({ user_agent: 'test', current: true })
    expect(Date.parse(body[1].expires_at) - Date.parse(body[1].created_at)).toBe(7 * DAY_MS)
  })

  test('one that nobody has used for two hours is not among them', async () => {
    await using zimmer = await testZimmer(database)
    const { userId } = await zimmer.user()
    zimmer.clock.advance(2 * 3_600_000 + 1_000)
    const { client, sessionId } = await anotherSession(zimmer, userId)
    const { body } = await client.get('/api/auth/sessions')
    expect(body.map((session: { id: number }) => session.id)).toEqual([sessionId])
  })

  test('ending one of them bites on its next request', async () => {
    await using zimmer = await testZimmer(database)
    const { client, userId } = await zimmer.user()
    const other = await anotherSession(zimmer, userId)
    expect((await other.client.get('/api/me')).status).toBe(200)
    expect((await client.delete(`/api/auth/sessions/${other.sessionId}`)).status).toBe(200)
    expect((await other.client.get('/api/me')).status).toBe(401)
    expect((await client.delete(`/api/auth/sessions/${other.sessionId}`)).status).toBe(404)
  })

  test("somebody else's can't be ended, nor seen to exist", async () => {
    await using zimmer = await testZimmer(database)
    const { client } = await zimmer.user()
    const other = await zimmer.user()
    const reply = await client.delete(`/api/auth/sessions/${other.sessionId}`)
    const none = await client.delete('/api/auth/sessions/999999')
    expect([reply.status, reply.body.detail]).toEqual([none.status, none.body.detail])
    expect(reply.status).toBe(404)
    expect((await other.client.get('/api/me')).status).toBe(200)
    for (const id of ['0', '-1', 'x', '1.5', '99999999999999999999']) {
      expect([id, (await client.delete(`/api/auth/sessions/${id}`)).status]).toEqual([id, 422])
    }
  })
})

describe.each(databases)('GET /api/auth/csrf on %s', (database) => {
  test('each session has its own, and always the same', async () => {
    await using zimmer = await testZimmer(database)
    const one = await zimmer.user()
    const two = await anotherSession(zimmer, one.userId)
    const csrf = async (client: Client) => (await client.get('/api/auth/csrf')).body.csrf_token
    expect(await csrf(one.client)).toBe(await csrf(one.client))
    expect(await csrf(one.client)).not.toBe(await csrf(two.client))
    expect((await zimmer.anyone.get('/api/auth/csrf')).status).toBe(401)
  })
})

describe.each(databases)('the job accounts.sweep on %s', (database) => {
  test('it deletes what ended over 30 days ago, and nothing else', async () => {
    await using zimmer = await testZimmer(database)
    const old = await zimmer.user()
    await times(3, () => anotherSession(zimmer, old.userId))
    await zimmer.anyone.post('/api/auth/refresh', undefined, { cookie: `refresh_token=${old.refreshToken}` })
    zimmer.clock.advance(36 * DAY_MS)
    const young = await zimmer.user()
    const [sweep] = accountsJobs(zimmer.app)
    const ids = async () =>
      (await zimmer.app.db.selectFrom('sessions').select('id').orderBy('id').execute()).map(({ id }) => id)
    await sweep?.run(null)
    expect(await ids()).toHaveLength(5)
    zimmer.clock.advance(2 * DAY_MS)
    await sweep?.run(null)
    expect(await ids()).toEqual([young.sessionId])
    const tokens = await zimmer.app.db.selectFrom('refresh_tokens').select('session_id').execute()
    expect(tokens).toEqual([{ session_id: young.sessionId }])
  })
})
