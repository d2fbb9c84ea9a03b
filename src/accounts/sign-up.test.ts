import { describe, expect, test } from 'bun:test'
import { count, databases, testZimmer, times } from '../../test/zimmer.ts'

const ALICE = {
  email: 'alice@example.com',
  name: 'Alice',
  password: 'three blind mice',
  confirm_password: 'three blind mice',
}
const SIGNUP = '/api/auth/signup'

describe.each(databases)('POST /api/auth/signup on %s', (database) => {
  test('it makes a customer, signed in, with a cookie for the refresh token', async () => {
    await using zimmer = await testZimmer(database)
    const reply = await zimmer.anyone.post(SIGNUP, { ...ALICE, email: '  Alice@Example.COM ' })
    expect(reply.status).toBe(201)
    expect(reply.body.user).toEqual({
      id: expect.any(Number),
      name: 'Alice',
      email: 'alice@example.com',
      is_admin: false,
    })
    const cookie = reply.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(
      /^refresh_token=[\w-]{43}; Max-Age=604800; Path=\/api\/auth; HttpOnly; SameSite=Lax$/,
    )
    const me = await zimmer.anyone.get('/api/me', { authorization: `Bearer ${reply.body.access_token}` })
    expect(me.body.role).toBe('customer')
    const stored = await zimmer.app.db.selectFrom('users').select('password_hash').executeTakeFirstOrThrow()
    expect(stored.password_hash).toStartWith('$argon2id$v=19$m=19456,t=2,p=1$')
    const tokens = await zimmer.app.db.selectFrom('refresh_tokens').selectAll().execute()
    expect(JSON.stringify(tokens)).not.toContain(cookie.slice(14, 57))
  })

  test('the cookie is for TLS alone when the server is reached over it', async () => {
    await using zimmer = await testZimmer(database, { config: { publicUrl: 'https://zimmer.example.com' } })
    const reply = await zimmer.anyone.post(SIGNUP, ALICE)
    expect(reply.headers.get('set-cookie')).toEndWith('; Secure')
  })

  test('an email that is there already is refused, in whatever case', async () => {
    await using zimmer = await testZimmer(database)
    await zimmer.anyone.post(SIGNUP, ALICE)
    const again = await zimmer.anyone.post(SIGNUP, { ...ALICE, email: 'ALICE@example.com' })
    expect([again.status, again.body.code]).toEqual([409, 'email_taken'])
  })

  test('ten at once with one email make one user', async () => {
    await using zimmer = await testZimmer(database)
    const replies = await times(10, () => zimmer.anyone.post(SIGNUP, ALICE))
    expect(count(replies, 201)).toBe(1)
    expect(count(replies, 409)).toBe(9)
    expect(await zimmer.app.db.selectFrom('sessions').selectAll().execute()).toHaveLength(1)
  })

  test('what is wrong is named', async () => {
    await using zimmer = await testZimmer(database)
    const wrong: [object, string][] = [
      [{ confirm_password: 'something else' }, 'confirm_password'],
      [{ password: 'short', confirm_password: 'short' }, 'password'],
      [{ password: 'x'.repeat(129), confirm_password: 'x'.repeat(129) }, 'password'],
      [{ password: 'PassWord123', confirm_password: 'PassWord123' }, 'password'],
      [{ password: 'Alice@example.com', confirm_password: 'Alice@example.com' }, 'password'],
      [{ email: 'no address' }, 'email'],
      [{ email: 'two@at@example.com' }, 'email'],
      [{ email: `${'x'.repeat(250)}@example.com` }, 'email'],
      [{ email: 42 }, 'email'],
      [{ name: '   ' }, 'name'],
      [{ name: 'x'.repeat(101) }, 'name'],
      [{ name: 'bell\u0007' }, 'name'],
      [{ name: 'half \ud800 a pair' }, 'name'],
      [{ phone_number: 'x'.repeat(33) }, 'phone_number'],
      [{ role: 'manager' }, 'role'],
    ]
    for (const [fields, field] of wrong) {
      const reply = await zimmer.anyone.post(SIGNUP, { ...ALICE, ...fields })
      expect([reply.status, reply.body.errors?.[0]?.field, fields]).toEqual([422, field, fields])
    }
    expect(await zimmer.app.db.selectFrom('users').selectAll().execute()).toEqual([])
  })

  test('a Persian name with its joiner is a name', async () => {
    await using zimmer = await testZimmer(database)
    const reply = await zimmer.anyone.post(SIGNUP, { ...ALICE, name: 'علی\u200cرضا' })
    expect(reply.body.user.name).toBe('علی\u200cرضا')
  })

  test('an address that signs up too often is told when to come back', async () => {
    await using zimmer = await testZimmer(database, { config: { rateLimits: true } })
    const first = await zimmer.anyone.post(SIGNUP, ALICE)
    expect(Number(first.headers.get('ratelimit-remaining'))).toBe(19)
    const more = await times(20, () => zimmer.anyone.post(SIGNUP, ALICE))
    const refused = more.filter((reply) => reply.status === 429)
    expect(refused).toHaveLength(1)
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0)
  })
})

describe.each(databases)('POST /api/auth/register on %s', (database) => {
  test('the older form works too', async () => {
    await using zimmer = await testZimmer(database)
    const { email, name, password } = ALICE
    const reply = await zimmer.anyone.post('/api/auth/register', {
      email,
      name,
      password,
      phone_number: '+98 21 1234',
    })
    expect(reply.status).toBe(201)
    expect(reply.body).toEqual({
      message: expect.any(String),
      user_id: expect.any(Number),
      email,
      access_token: expect.any(String),
    })
    const me = await zimmer.anyone.get('/api/me', { authorization: `Bearer ${reply.body.access_token}` })
    expect(me.body.phone_number).toBe('+98 21 1234')
    expect(me.body.id).toBe(reply.body.user_id)
  })
})
