import { describe, expect, test } from 'bun:test'
import { count, databases, type TestZimmer, testZimmer, times } from '../../test/zimmer.ts'
import type { Role } from '../storage/tables.ts'
import { createUser, hashPassword, setActive } from './accounts.ts'
import { changePassword } from './profile.ts'
import { candidateFor, signIn } from './sign-in.ts'

const LOGIN = '/api/auth/login'
const PASSWORD = 'three blind mice'

async function userWithPassword(zimmer: TestZimmer, email = 'alice@example.com', role: Role = 'customer') {
  const passwordHash = await hashPassword(PASSWORD)
  return zimmer.app.write((tx) => createUser(tx, { email, name: 'Alice', passwordHash, role }))
}

/** As many as can wait for a hash, and more, until it is disposed of. */
function flood() {
  let isOver = false
  const one = async () => {
    while (!isOver) await hashPassword(PASSWORD).catch(() => Bun.sleep(1))
  }
  const all = times(100, one)
  return {
    async [Symbol.asyncDispose]() {
      isOver = true
      await all
    },
  }
}

describe.each(databases)('POST /api/auth/login on %s', (database) => {
  test('it signs in', async () => {
    await using zimmer = await testZimmer(database)
    const { id } = await userWithPassword(zimmer)
    const reply = await zimmer.anyone.post(LOGIN, { email: ' ALICE@example.com', password: PASSWORD })
    expect(reply.status).toBe(200)
    expect(reply.body).toEqual({
      access_token: expect.any(String),
      token_type: 'bearer',
      user: {
        id,
        email: 'alice@example.com',
        name: 'Alice',
        role: 'customer',
        is_admin: false,
        email_verified: false,
      },
    })
    expect(reply.headers.get('set-cookie')).toContain('refresh_token=')
    const me = await zimmer.anyone.get('/api/me', { authorization: `Bearer ${reply.body.access_token}` })
    expect(me.body.last_login_at).not.toBeNull()
  })

  test('the claims of the access token are those of the contract', async () => {
    await using zimmer = await testZimmer(database)
    const { id } = await userWithPassword(zimmer)
    const { body } = await zimmer.anyone.post(LOGIN, { email: 'alice@example.com', password: PASSWORD })
    const claims = JSON.parse(Buffer.from(body.access_token.split('.')[1], 'base64url').toString())
    expect(claims).toEqual({
      sub: String(id),
      sid: expect.any(Number),
      type: 'access',
      role: 'customer',
      is_admin: false,
      iat: expect.any(Number),
      exp: claims.iat + 900,
    })
  })

  test('unknown email, wrong password, deactivated and passwordless user look the same', async () => {
    await using zimmer = await testZimmer(database)
    await userWithPassword(zimmer)
    const { id } = await userWithPassword(zimmer, 'gone@example.com')
    await zimmer.app.write((tx) => setActive(tx, { userId: id, isActive: false }, { staffId: null }))
    const { email } = await zimmer.user('customer')
    const tries = [
      { email: 'nobody@example.com', password: PASSWORD },
      { email: 'no address', password: PASSWORD },
      { email: 'alice@example.com', password: 'four blind mice' },
      { email: 'gone@example.com', password: PASSWORD },
      { email, password: PASSWORD },
    ]
    const headersOf = (headers: Headers) => [...headers.keys()].sort().join()
    const seen = new Set<string>()
    for (const body of tries) {
      const reply = await zimmer.anyone.post(LOGIN, body)
      seen.add(JSON.stringify([reply.status, headersOf(reply.headers), { ...reply.body, requestId: '' }]))
    }
    expect([...seen]).toHaveLength(1)
    expect([...seen][0]).toContain('Invalid email or password')
    expect([...seen][0]).toContain('401')
    const sessions = await zimmer.app.db.selectFrom('sessions').select('id').execute()
    expect(sessions).toHaveLength(1) // the one of zimmer.user()
  })

  test('a known email costs the same statements as an unknown one', async () => {
    const statements: string[] = []
    await using zimmer = await testZimmer(database, { onStatement: (sql) => statements.push(sql) })
    await userWithPassword(zimmer)
    const seen = []
    for (const email of ['nobody@example.com', 'alice@example.com']) {
      statements.length = 0
      await zimmer.anyone.post(LOGIN, { email, password: 'four blind mice' })
      seen.push([...statements])
    }
    expect(seen[0]).toEqual(seen[1])
  })

  test('what changed while the password was being checked counts', async () => {
    await using zimmer = await testZimmer(database)
    const { app } = zimmer
    const [one, two] = [await userWithPassword(zimmer), await userWithPassword(zimmer, 'bob@example.com')]
    const before = [await candidateFor(app.db, one.email), await candidateFor(app.db, two.email)]
    await app.write((tx) => setActive(tx, { userId: one.id, isActive: false }, { staffId: null }))
    await app.write((tx) =>
      changePassword(
        tx,
        { userId: two.id, sessionId: 1 },
        { verifiedHash: before[1]!.password_hash!, newHash: 'another' },
      ),
    )
    for (const candidate of before) {
      const late = app.write((tx) =>
        signIn(tx, app.config.jwtSecret, candidate!, { ip: null, userAgent: null }),
      )
      expect(await late.catch((error) => error.code)).toBe('invalid_credentials')
    }
    expect(await app.db.selectFrom('sessions').select('id').execute()).toEqual([])
  })

  test('ten wrong passwords close the account for a while, known or not, and say for how long', async () => {
    await using zimmer = await testZimmer(database, { config: { rateLimits: true } })
    await userWithPassword(zimmer)
    for (const email of ['alice@example.com', 'nobody@example.com']) {
      const replies = await times(12, () => zimmer.anyone.post(LOGIN, { email, password: 'four blind mice' }))
      expect([email, count(replies, 401), count(replies, 429)]).toEqual([email, 10, 2])
      const right = await zimmer.anyone.post(LOGIN, { email: email.toUpperCase(), password: PASSWORD })
      expect([right.status, right.body.code]).toEqual([429, 'rate_limited'])
      expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(0)
    }
  })

  test('right passwords cost no attempt', async () => {
    await using zimmer = await testZimmer(database, { config: { rateLimits: true } })
    await userWithPassword(zimmer)
    for (let i = 0; i < 12; i++) {
      const reply = await zimmer.anyone.post(LOGIN, { email: 'alice@example.com', password: PASSWORD })
      expect(reply.status).toBe(200)
    }
  })

  test('right passwords at once may be too many for a moment, and close nothing', async () => {
    await using zimmer = await testZimmer(database, { config: { rateLimits: true } })
    await userWithPassword(zimmer)
    const login = (password = PASSWORD) => zimmer.anyone.post(LOGIN, { email: 'alice@example.com', password })
    const replies = await times(30, () => login())
    expect(count(replies, 200)).toBeGreaterThanOrEqual(10)
    expect(count(replies, 200) + count(replies, 429)).toBe(30)
    expect((await login()).status).toBe(200)
    expect(count(await times(12, () => login('four blind mice')), 401)).toBe(10)
    expect((await login()).status).toBe(429)
  })

  test('what is tried on a closed account is not held against the address', async () => {
    await using zimmer = await testZimmer(database, { config: { rateLimits: true } })
    await userWithPassword(zimmer)
    const guess = (email: string) => zimmer.anyone.post(LOGIN, { email, password: 'four blind mice' })
    await times(10, () => guess('bob@example.com'))
    expect(count(await times(60, () => guess('bob@example.com')), 429)).toBe(60)
    expect((await guess('alice@example.com')).status).toBe(401)
  })

  test('an address that tries many accounts is stopped', async () => {
    await using zimmer = await testZimmer(database, { config: { rateLimits: true } })
    const replies = await times(55, (i) =>
      zimmer.anyone.post(LOGIN, { email: `user-${i}@example.com`, password: 'four blind mice' }),
    )
    expect(count(replies, 401)).toBe(50)
    expect(count(replies, 429)).toBe(5)
  })

  test('more at once than can wait for a hash are told to come back', async () => {
    await using zimmer = await testZimmer(database)
    const replies = await times(90, () =>
      zimmer.anyone.post(LOGIN, { email: 'nobody@example.com', password: 'four blind mice' }),
    )
    expect(count(replies, 401) + count(replies, 503)).toBe(90)
    const refused = replies.find((reply) => reply.status === 503)
    expect(refused?.body.code).toBe('password_queue_full')
    expect(refused?.headers.get('retry-after')).toBe('2')
  })

  test('staff sign in while a flood of others is told to come back', async () => {
    await using zimmer = await testZimmer(database)
    await userWithPassword(zimmer)
    await userWithPassword(zimmer, 'boss@example.com', 'manager')
    const gone = await userWithPassword(zimmer, 'gone@example.com', 'support_staff')
    await zimmer.app.write((tx) => setActive(tx, { userId: gone.id, isActive: false }, { staffId: null }))
    await using _ = flood()
    const login = (email: string) => times(5, () => zimmer.anyone.post(LOGIN, { email, password: PASSWORD }))
    expect(count(await login('boss@example.com'), 200)).toBe(5)
    for (const name of ['alice', 'gone', 'nobody']) {
      expect(count(await login(`${name}@example.com`), 503)).toBeGreaterThan(0)
    }
  })

  test('bad input is refused, naming the field', async () => {
    await using zimmer = await testZimmer(database)
    const wrong: [unknown, string][] = [
      [{ password: 'x' }, 'email'],
      [{ email: 'alice@example.com' }, 'password'],
      [{ email: ['alice@example.com'], password: 'x' }, 'email'],
      [{ email: 'alice@example.com', password: { $ne: '' } }, 'password'],
      [{ email: 'alice@example.com', password: 'x'.repeat(1_025) }, 'password'],
      [{ email: 'alice@example.com', password: 'x', otp: '1' }, 'otp'],
    ]
    for (const [body, field] of wrong) {
      const reply = await zimmer.anyone.post(LOGIN, body)
      expect([reply.status, reply.body.errors?.[0]?.field]).toEqual([422, field])
    }
  })
})
