import { describe, expect, test } from 'bun:test'
import { count, databases, type Reply, type TestZimmer, testZimmer, times } from '../../test/zimmer.ts'
import { setActive } from './accounts.ts'

const REFRESH = '/api/auth/refresh'
const SECOND_MS = 1_000
const HOUR_MS = 3_600_000

const refresh = (zimmer: TestZimmer, token: string, headers: Record<string, string> = {}) =>
  zimmer.anyone.post(REFRESH, undefined, { cookie: `refresh_token=${token}`, ...headers })

const tokenOf = (reply: Reply) =>
  /^refresh_token=([\w-]{43});/.exec(reply.headers.get('set-cookie') ?? '')?.[1] ?? ''

const me = (zimmer: TestZimmer, accessToken: string) =>
  zimmer.anyone.get('/api/me', { authorization: `Bearer ${accessToken}` })

const liveTokens = (zimmer: TestZimmer) =>
  zimmer.app.db.selectFrom('refresh_tokens').selectAll().where('used_at', 'is', null).execute()

describe.each(databases)('POST /api/auth/refresh on %s', (database) => {
  test('it gives an access token and another refresh token', async () => {
    await using zimmer = await testZimmer(database)
    const { refreshToken, userId } = await zimmer.user()
    const reply = await refresh(zimmer, refreshToken)
    expect(reply.status).toBe(200)
    expect(tokenOf(reply)).not.toBe(refreshToken)
    expect(tokenOf(reply)).toHaveLength(43)
    expect((await me(zimmer, reply.body.access_token)).body.id).toBe(userId)
    const next = await refresh(zimmer, tokenOf(reply))
    expect(next.status).toBe(200)
    expect(await zimmer.app.db.selectFrom('sessions').selectAll().execute()).toHaveLength(1)
  })

  test('a lost reply may be asked for again for 10 s: it is the same token', async () => {
    await using zimmer = await testZimmer(database)
    const { refreshToken } = await zimmer.user()
    zimmer.clock.stop()
    const first = await refresh(zimmer, refreshToken)
    zimmer.clock.advance(9 * SECOND_MS)
    const retry = await refresh(zimmer, refreshToken)
    expect(retry.status).toBe(200)
    expect(tokenOf(retry)).toBe(tokenOf(first))
    expect((await refresh(zimmer, tokenOf(retry))).status).toBe(200)
  })

  test('a token that comes back later ends its whole family at once', async () => {
    await using zimmer = await testZimmer(database)
    const { refreshToken, client, userId } = await zimmer.user()
    const other = await zimmer.user()
    const first = await refresh(zimmer, refreshToken)
    expect((await client.get('/api/me')).status).toBe(200)
    zimmer.clock.advance(11 * SECOND_MS)
    const replay = await refresh(zimmer, refreshToken)
    expect([replay.status, replay.body.code]).toEqual([401, 'refresh_token_reused'])
    expect((await client.get('/api/me')).status).toBe(401)
    expect((await me(zimmer, first.body.access_token)).status).toBe(401)
    expect((await refresh(zimmer, tokenOf(first))).status).toBe(401)
    const session = await zimmer.app.db
      .selectFrom('sessions')
      .selectAll()
      .where('user_id', '=', userId)
      .executeTakeFirstOrThrow()
    expect(session.revoked_reason).toBe('reused')
    expect((await other.client.get('/api/me')).status).toBe(200)
  })

  test('a token whose successor is in use already may not be retried', async () => {
    await using zimmer = await testZimmer(database)
    const { refreshToken } = await zimmer.user()
    const second = tokenOf(await refresh(zimmer, refreshToken))
    const third = tokenOf(await refresh(zimmer, second))
    const replay = await refresh(zimmer, refreshToken)
    expect([replay.status, replay.body.code]).toEqual([401, 'refresh_token_reused'])
    expect((await refresh(zimmer, third)).status).toBe(401)
  })

  test('fifty at once with one token are one session with one live token', async () => {
    await using zimmer = await testZimmer(database)
    const { refreshToken } = await zimmer.user()
    const replies = await times(50, () => refresh(zimmer, refreshToken))
    expect(count(replies, 200)).toBe(50)
    expect(new Set(replies.map(tokenOf)).size).toBe(1)
    const sessions = await zimmer.app.db.selectFrom('sessions').selectAll().execute()
    expect(sessions.filter((session) => session.revoked_at === null)).toHaveLength(1)
    expect(await liveTokens(zimmer)).toHaveLength(1)
    expect((await refresh(zimmer, tokenOf(replies[0] as Reply))).status).toBe(200)
  })

  test('fifty replays at once end the family, and none is let in', async () => {
    await using zimmer = await testZimmer(database)
    const { refreshToken } = await zimmer.user()
    const next = tokenOf(await refresh(zimmer, refreshToken))
    zimmer.clock.advance(11 * SECOND_MS)
    const replies = await times(50, () => refresh(zimmer, refreshToken))
    expect(count(replies, 401)).toBe(50)
    expect((await refresh(zimmer, next)).status).toBe(401)
  })

  test('a session that is not used for two hours is over', async () => {
    await using zimmer = await testZimmer(database)
    zimmer.clock.stop()
    const { refreshToken } = await zimmer.user()
    zimmer.clock.advance(2 * HOUR_MS - 5 * SECOND_MS)
    const used = await refresh(zimmer, refreshToken)
    expect(used.status).toBe(200)
    zimmer.clock.advance(2 * HOUR_MS + SECOND_MS)
    const late = await refresh(zimmer, tokenOf(used))
    expect([late.status, late.body.code]).toEqual([401, 'not_signed_in'])
  })

  test('a session is over after seven days, however much it is used', async () => {
    await using zimmer = await testZimmer(database)
    zimmer.clock.stop()
    let { refreshToken } = await zimmer.user()
    let accessToken = ''
    for (let hour = 1; hour < 7 * 24; hour++) {
      zimmer.clock.advance(HOUR_MS)
      const reply = await refresh(zimmer, refreshToken)
      refreshToken = tokenOf(reply)
      accessToken = reply.body.access_token
    }
    zimmer.clock.advance(HOUR_MS - 60 * SECOND_MS)
    const last = await refresh(zimmer, refreshToken)
    expect(last.status).toBe(200)
    zimmer.clock.advance(61 * SECOND_MS)
    expect((await refresh(zimmer, tokenOf(last))).status).toBe(401)
    // Its last access token doesn't outlive it, though it is a minute old.
    expect((await me(zimmer, last.body.access_token)).status).toBe(401)
    expect((await me(zimmer, accessToken)).status).toBe(401)
  })

  test('a deactivated user gets nothing', async () => {
    await using zimmer = await testZimmer(database)
    const { refreshToken, userId } = await zimmer.user()
    await zimmer.app.write((tx) => setActive(tx, { userId, isActive: false }, { staffId: null }))
    expect((await refresh(zimmer, refreshToken)).status).toBe(401)
  })

  test('no cookie, a foreign one, and nonsense are refused alike', async () => {
    await using zimmer = await testZimmer(database)
    const { accessToken } = await zimmer.user()
    const replies = [
      await zimmer.anyone.post(REFRESH),
      await refresh(zimmer, ''),
      await refresh(zimmer, 'x'.repeat(43)),
      await refresh(zimmer, 'y'.repeat(5_000)),
      await refresh(zimmer, accessToken),
    ]
    for (const reply of replies) expect([reply.status, reply.body.code]).toEqual([401, 'not_signed_in'])
  })

  test('a page of another origin may not use the cookie', async () => {
    await using zimmer = await testZimmer(database, {
      config: { publicUrl: 'https://zimmer.example.com', corsOrigins: ['https://panel.example.com'] },
    })
    const { refreshToken } = await zimmer.user()
    for (const origin of ['https://evil.example.com', 'http://zimmer.example.com', 'null', 'nonsense']) {
      const reply = await refresh(zimmer, refreshToken, { origin })
      expect([origin, reply.status, reply.body.code]).toEqual([origin, 403, 'foreign_origin'])
    }
    let token = refreshToken
    for (const origin of [zimmer.url, 'https://zimmer.example.com', 'https://panel.example.com']) {
      const reply = await refresh(zimmer, token, { origin })
      expect([origin, reply.status]).toEqual([origin, 200])
      token = tokenOf(reply)
    }
  })
})
