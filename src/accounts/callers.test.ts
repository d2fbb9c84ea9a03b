import { describe, expect, test } from 'bun:test'
import { createHmac, generateKeyPairSync } from 'node:crypto'
import { type JWTPayload, SignJWT } from 'jose'
import { Client, count, databases, type TestZimmer, testZimmer, times } from '../../test/zimmer.ts'
import { Incoming } from '../http/incoming.ts'
import { revokeSessions, setActive, setRole } from './accounts.ts'
import { callers } from './callers.ts'

const MINUTE_MS = 60_000
const BY = { staffId: null }
const STAFF_ONLY = '/api/admin/users/managers'

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

const withToken = (zimmer: TestZimmer, token: string) =>
  new Client(zimmer.url, { authorization: `Bearer ${token}` })

describe.each(databases)('signed-in callers on %s', (database) => {
  test('a token of ours is let in for 15 minutes', async () => {
    await using zimmer = await testZimmer(database)
    const { client } = await zimmer.user()
    expect((await client.get('/api/me')).status).toBe(200)
    zimmer.clock.advance(14 * MINUTE_MS)
    expect((await client.get('/api/me')).status).toBe(200)
    zimmer.clock.advance(MINUTE_MS + 1_000)
    const late = await client.get('/api/me')
    expect([late.status, late.body.code]).toEqual([401, 'not_signed_in'])
    expect(late.body.detail).toContain('/api/auth/refresh')
  })

  test('no token, and what is none, is told how to sign in', async () => {
    await using zimmer = await testZimmer(database)
    const { accessToken } = await zimmer.user()
    const nothing = await zimmer.anyone.get('/api/me')
    expect([nothing.status, nothing.body.code]).toEqual([401, 'not_signed_in'])
    expect(nothing.body.detail).toContain('Authorization: Bearer')
    expect(nothing.headers.get('www-authenticate')).toBe('Bearer')
    for (const header of ['Bearer', 'Bearer ', 'Bearer x', `Basic ${accessToken}`, accessToken]) {
      const reply = await zimmer.anyone.get('/api/me', { authorization: header })
      expect([header, reply.status]).toEqual([header, 401])
    }
    expect((await withToken(zimmer, 'x'.repeat(7_000)).get('/api/me')).status).toBe(401)
  })

  test('forged tokens are refused', async () => {
    await using zimmer = await testZimmer(database)
    const { accessToken, userId, sessionId } = await zimmer.user('manager')
    const other = await zimmer.user()
    const [header = '', payload = '', signature = ''] = accessToken.split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as JWTPayload
    const secret = new TextEncoder().encode(zimmer.app.config.jwtSecret)
    const sign = (body: JWTPayload, head: object = {}, key: Parameters<SignJWT['sign']>[0] = secret) =>
      new SignJWT(body).setProtectedHeader({ alg: 'HS256', typ: 'JWT', ...head }).sign(key)
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const unsigned = `${base64({ alg: 'HS256', typ: 'JWT' })}.${base64(claims)}`
    const confused = createHmac('sha256', publicKey.export({ type: 'spki', format: 'pem' })).update(unsigned)

    const forgeries: Record<string, string> = {
      'alg none': `${base64({ alg: 'none', typ: 'JWT' })}.${payload}.`,
      'alg none with the old signature': `${base64({ alg: 'none', typ: 'JWT' })}.${payload}.${signature}`,
      'alg None': `${base64({ alg: 'None', typ: 'JWT' })}.${payload}.`,
      'no signature': `${header}.${payload}.`,
      'another payload': `${header}.${base64({ ...claims, sub: String(other.userId) })}.${signature}`,
      'another key': await sign(claims, {}, new TextEncoder().encode('x'.repeat(43))),
      'a longer hash': await sign(claims, { alg: 'HS512' }),
      'RS256 with a key of its own': await sign(claims, { alg: 'RS256' }, privateKey),
      'a public key as the secret': `${unsigned}.${confused.digest('base64url')}`,
      'another typ': await sign(claims, { typ: 'at+jwt' }),
      'another type': await sign({ ...claims, type: 'refresh' }),
      'a half-finished sign-in': await sign({ ...claims, type: 'challenge' }),
      'no type': await sign({ ...claims, type: undefined }),
      'no expiry': await sign({ ...claims, exp: undefined }),
      'an expiry long past': await sign({ ...claims, exp: 1 }),
      'no session': await sign({ ...claims, sid: undefined }),
      'a session of nobody': await sign({ ...claims, sid: 999_999 }),
      "somebody else's session": await sign({ ...claims, sid: other.sessionId }),
      'a subject that is no id': await sign({ ...claims, sub: `${userId} or 1=1` }),
      'a session that is no id': await sign({ ...claims, sid: { $gt: 0 } }),
      'a key of the sender': await sign(claims, { jwk: { kty: 'oct', k: 'AAAA' } }, new Uint8Array(32)),
      'a critical extension': `${base64({ alg: 'HS256', typ: 'JWT', crit: ['x'] })}.${payload}.${signature}`,
      'two parts': `${header}.${payload}`,
      'not base64': `${header}.%%%.${signature}`,
    }
    for (const [name, token] of Object.entries(forgeries)) {
      const reply = await withToken(zimmer, token).get('/api/me')
      expect([name, reply.status, reply.body.code]).toEqual([name, 401, 'not_signed_in'])
    }
    const own = await sign({ ...claims, role: 'customer' })
    expect((await withToken(zimmer, own).get('/api/me')).body.id).toBe(userId)
    expect(sessionId).toBeGreaterThan(0)
  })

  test('the role is the one of the database, whatever the token says', async () => {
    await using zimmer = await testZimmer(database)
    const { userId, accessToken } = await zimmer.user('customer')
    const claims = JSON.parse(Buffer.from(accessToken.split('.')[1] as string, 'base64url').toString())
    const token = await new SignJWT({ ...claims, role: 'manager', is_admin: true })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .sign(new TextEncoder().encode(zimmer.app.config.jwtSecret))
    const client = withToken(zimmer, token)
    expect((await client.get('/api/me')).body.role).toBe('customer')
    expect((await client.get(STAFF_ONLY)).status).toBe(403)
    await zimmer.app.write((tx) => setRole(tx, { userId, role: 'manager' }, BY))
    expect((await client.get(STAFF_ONLY)).status).toBe(200)
    await zimmer.user('manager')
    await zimmer.app.write((tx) => setRole(tx, { userId, role: 'support_staff' }, BY))
    expect((await client.get(STAFF_ONLY)).status).toBe(403)
  })

  test('deactivation and revocation bite on the next request', async () => {
    await using zimmer = await testZimmer(database)
    const one = await zimmer.user()
    const two = await zimmer.user()
    for (const { client } of [one, two]) expect((await client.get('/api/me')).status).toBe(200)
    await zimmer.app.write((tx) => setActive(tx, { userId: one.userId, isActive: false }, BY))
    expect((await one.client.get('/api/me')).status).toBe(401)
    await zimmer.app.write((tx) => revokeSessions(tx, { userId: two.userId, reason: 'revoked' }))
    expect((await two.client.get('/api/me')).status).toBe(401)
    await zimmer.app.write((tx) => setActive(tx, { userId: one.userId, isActive: true }, BY))
    expect((await one.client.get('/api/me')).status).toBe(401) // the session has ended for good
  })

  test('of requests under way while a session ends, none that comes later is let in', async () => {
    await using zimmer = await testZimmer(database)
    const { client, userId } = await zimmer.user()
    const before = times(20, () => client.get('/api/me'))
    await zimmer.app.write((tx) => revokeSessions(tx, { userId, reason: 'revoked' }))
    const after = await times(20, () => client.get('/api/me'))
    expect(count(after, 401)).toBe(20)
    await before
    expect((await client.get('/api/me')).status).toBe(401)
  })
})

describe.each(databases)('who may do what, on %s', (database) => {
  test('each rule lets in its roles and tells the others why not', async () => {
    await using zimmer = await testZimmer(database)
    const { signedIn, staff, admins, managers } = callers(zimmer.app)
    const allowed: [typeof staff, string[]][] = [
      [signedIn, ['manager', 'technical_team', 'support_staff', 'customer']],
      [staff, ['manager', 'technical_team', 'support_staff']],
      [admins, ['manager', 'technical_team']],
      [managers, ['manager']],
    ]
    for (const role of ['manager', 'technical_team', 'support_staff', 'customer'] as const) {
      const { client, userId, sessionId } = await zimmer.user(role)
      const request = () =>
        new Incoming(new Request('http://zimmer/', { headers: client.headers }) as never, {} as never, [])
      for (const [rule, roles] of allowed) {
        const answer = await Promise.resolve()
          .then(() => rule.resolve(request()))
          .catch((error): string[] => [error.kind, error.message])
        if (roles.includes(role)) expect(answer).toMatchObject({ userId, sessionId, role })
        else if (rule === managers && role !== 'customer') expect(answer).toContain('forbidden')
        else expect(answer).toEqual(['forbidden', 'Admin access required'])
      }
    }
    expect([signedIn, staff, admins, managers].map(({ name }) => name)).toEqual([
      'signed-in',
      'staff',
      'admins',
      'managers',
    ])
    expect(callers(zimmer.app)).toBe(callers(zimmer.app))
  })
})

describe('the cached principal', () => {
  test('a second request asks the database nothing about who calls', async () => {
    const statements: string[] = []
    await using zimmer = await testZimmer('sqlite', { onStatement: (sql) => statements.push(sql) })
    const { client, refreshToken } = await zimmer.user()
    const sessionsAsked = () => statements.filter((sql) => sql.includes('from sessions')).length
    await client.get('/api/me')
    const once = sessionsAsked()
    await times(10, () => client.get('/api/me'))
    expect(sessionsAsked()).toBe(once)
    zimmer.clock.advance(301_000)
    await client.get('/api/me')
    expect(sessionsAsked()).toBe(once + 1)
    expect(refreshToken).toHaveLength(43)
  })
})
