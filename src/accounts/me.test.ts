import { describe, expect, test } from 'bun:test'
import { Client, count, databases, type TestZimmer, testZimmer, times } from '../../test/zimmer.ts'

const PASSWORD = 'three blind mice'
const OTHER = 'see how they run'
const CHANGE = { current_password: PASSWORD, new_password: OTHER, confirm_password: OTHER }
const URL = '/api/user/password'

/** Signs up with a password; each call of `login` is another device. */
async function alice(zimmer: TestZimmer) {
  const fields = { email: 'alice@example.com', name: 'Alice', password: PASSWORD, confirm_password: PASSWORD }
  const { body } = await zimmer.anyone.post('/api/auth/signup', fields)
  const login = async (password: string) => {
    const reply = await zimmer.anyone.post('/api/auth/login', { email: fields.email, password })
    return {
      ...reply,
      client: new Client(zimmer.url, { authorization: `Bearer ${reply.body.access_token}` }),
    }
  }
  return { client: new Client(zimmer.url, { authorization: `Bearer ${body.access_token}` }), login }
}

describe.each(databases)('who is signed in, on %s', (database) => {
  test('GET /api/me tells all, GET /api/auth/me the short form', async () => {
    await using zimmer = await testZimmer(database)
    const { client, userId, email } = await zimmer.user('technical_team', { name: 'Tess' })
    expect((await client.get('/api/auth/me')).body).toEqual({
      id: userId,
      email,
      name: 'Tess',
      is_admin: true,
    })
    expect((await client.get('/api/me')).body).toEqual({
      id: userId,
      name: 'Tess',
      email,
      phone_number: null,
      role: 'technical_team',
      is_admin: true,
      is_active: true,
      email_verified: false,
      last_login_at: null,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    })
    expect((await client.get('/api/me')).headers.get('cache-control')).toBe('no-store')
  })

  test('PUT /api/user/profile changes what it is given and nothing else', async () => {
    await using zimmer = await testZimmer(database)
    const { client } = await zimmer.user()
    const named = await client.put('/api/user/profile', { name: '  Bob  ', phone_number: '0912' })
    expect([named.status, named.body.name, named.body.phone_number]).toEqual([200, 'Bob', '0912'])
    await client.put('/api/user/profile', { phone_number: null })
    const { body } = await client.get('/api/me')
    expect([body.name, body.phone_number]).toEqual(['Bob', null])
    expect(await zimmer.app.db.selectFrom('audit_log').selectAll().execute()).toEqual([])
  })

  test('a profile has no other fields, and its own are checked', async () => {
    await using zimmer = await testZimmer(database)
    const { client } = await zimmer.user()
    const wrong: [object, string][] = [
      [{ role: 'manager' }, 'role'],
      [{ email: 'other@example.com' }, 'email'],
      [{ is_active: false }, 'is_active'],
      [{ name: '' }, 'name'],
      [{ name: '\t' }, 'name'],
      [{ name: null }, 'name'],
      [{ phone_number: 912 }, 'phone_number'],
      [{ phone_number: '1\u001b2' }, 'phone_number'],
    ]
    for (const [body, field] of wrong) {
      const reply = await client.put('/api/user/profile', body)
      expect([reply.status, reply.body.errors?.[0]?.field]).toEqual([422, field])
    }
  })
})

describe.each(databases)('POST /api/user/password on %s', (database) => {
  test('it changes the password and ends the other sessions, not this one', async () => {
    await using zimmer = await testZimmer(database)
    const { client, login } = await alice(zimmer)
    const other = await login(PASSWORD)
    expect((await other.client.get('/api/me')).status).toBe(200)
    const reply = await client.post(URL, CHANGE)
    expect([reply.status, reply.body.message]).toEqual([200, expect.any(String)])
    expect((await client.get('/api/me')).status).toBe(200)
    expect((await other.client.get('/api/me')).status).toBe(401)
    expect((await login(PASSWORD)).status).toBe(401)
    expect((await login(OTHER)).status).toBe(200)
  })

  test('of five changes at once one is made', async () => {
    await using zimmer = await testZimmer(database)
    const { client, login } = await alice(zimmer)
    const replies = await times(5, (i) => {
      const password = `${OTHER} ${i}`
      return client.post(URL, { ...CHANGE, new_password: password, confirm_password: password })
    })
    expect(count(replies, 200)).toBe(1)
    const winner = replies.findIndex((reply) => reply.status === 200)
    expect((await login(`${OTHER} ${winner}`)).status).toBe(200)
  })

  test('nobody who signs in with the old password meanwhile keeps a session', async () => {
    await using zimmer = await testZimmer(database)
    const { client, login } = await alice(zimmer)
    const [, ...logins] = await Promise.all([
      client.post(URL, CHANGE),
      ...Array.from({ length: 8 }, () => login(PASSWORD)),
    ])
    for (const { client: other } of logins) expect((await other.get('/api/me')).status).toBe(401)
  })

  test('what is wrong is named, and changes nothing', async () => {
    await using zimmer = await testZimmer(database)
    const { client, login } = await alice(zimmer)
    const same = (password: string) => ({ new_password: password, confirm_password: password })
    const wrong: [object, string][] = [
      [{ current_password: 'four blind mice' }, 'current_password'],
      [{ confirm_password: 'something else' }, 'confirm_password'],
      [same('password1'), 'new_password'],
      [same('alice@example.com'), 'new_password'],
      [same('short'), 'new_password'],
    ]
    for (const [fields, field] of wrong) {
      const reply = await client.post(URL, { ...CHANGE, ...fields })
      expect([reply.status, reply.body.errors?.[0]?.field]).toEqual([422, field])
    }
    expect((await login(PASSWORD)).status).toBe(200)
  })

  test('with a stolen access token it can be guessed ten times, not more', async () => {
    await using zimmer = await testZimmer(database, { config: { rateLimits: true } })
    const { client } = await alice(zimmer)
    const replies = await times(12, () =>
      client.post(URL, { ...CHANGE, current_password: 'four blind mice' }),
    )
    expect([count(replies, 422), count(replies, 429)]).toEqual([10, 2])
  })
})
