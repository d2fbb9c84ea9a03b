import { describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { count, databases, type TestZimmer, testZimmer, times } from '../../test/zimmer.ts'
import { createStaff, setupToken } from './accounts.ts'

const FORM = { email: 'boss@example.com', name: 'Boss', password: 'three blind mice' }
const startsUp = (zimmer: TestZimmer) => zimmer.app.write((tx) => setupToken(tx))

describe.each(databases)('POST /api/setup on %s', (database) => {
  test('the token of the first start makes a manager, signed in, once', async () => {
    await using zimmer = await testZimmer(database)
    const token = await startsUp(zimmer)
    expect(token).toHaveLength(43)
    const facts = await zimmer.app.db.selectFrom('facts').selectAll().execute()
    expect(JSON.stringify(facts)).not.toContain(token as string)
    const reply = await zimmer.anyone.post('/api/setup', { token, ...FORM })
    expect(reply.status).toBe(201)
    expect(reply.body.user).toMatchObject({ email: 'boss@example.com', is_admin: true })
    expect(reply.headers.get('set-cookie')).toContain('refresh_token=')
    const bearer = { authorization: `Bearer ${reply.body.access_token}` }
    expect((await zimmer.anyone.get('/api/admin/users/managers', bearer)).status).toBe(200)

    const again = await zimmer.anyone.post('/api/setup', { token, ...FORM, email: 'other@example.com' })
    expect([again.status, again.body.code]).toEqual([401, 'setup_token_invalid'])
    expect(await startsUp(zimmer)).toBeNull()
    const trail = await zimmer.app.db.selectFrom('audit_log').select(['action', 'staff_id']).execute()
    expect(trail).toEqual([{ action: 'user.create', staff_id: null }])
  })

  test('ten at once make one manager', async () => {
    await using zimmer = await testZimmer(database)
    const token = await startsUp(zimmer)
    const replies = await times(10, (i) =>
      zimmer.anyone.post('/api/setup', { token, ...FORM, email: `boss-${i}@example.com` }),
    )
    expect([count(replies, 201), count(replies, 401)]).toEqual([1, 9])
    expect(await zimmer.app.db.selectFrom('users').select('id').execute()).toHaveLength(1)
  })

  test('each start without a manager replaces the token', async () => {
    await using zimmer = await testZimmer(database)
    const first = await startsUp(zimmer)
    const second = await startsUp(zimmer)
    expect((await zimmer.anyone.post('/api/setup', { token: first, ...FORM })).status).toBe(401)
    expect((await zimmer.anyone.post('/api/setup', { token: second, ...FORM })).status).toBe(201)
  })

  test('a manager made on the command line ends it', async () => {
    await using zimmer = await testZimmer(database)
    const token = await startsUp(zimmer)
    const staff = { email: 'cli@example.com', name: 'Cli', passwordHash: 'x', role: 'manager' as const }
    await zimmer.app.write((tx) => createStaff(tx, staff, { staffId: null }))
    expect((await zimmer.anyone.post('/api/setup', { token, ...FORM })).status).toBe(401)
  })

  test('what is wrong is named, and the token can be used after', async () => {
    await using zimmer = await testZimmer(database)
    const token = await startsUp(zimmer)
    await zimmer.user('customer', { email: 'taken@example.com' })
    expect((await zimmer.anyone.post('/api/setup', { token: 'x', ...FORM })).status).toBe(401)
    const weak = await zimmer.anyone.post('/api/setup', { token, ...FORM, password: 'password123' })
    expect([weak.status, weak.body.errors[0].field]).toEqual([422, 'password'])
    const taken = await zimmer.anyone.post('/api/setup', { token, ...FORM, email: 'taken@example.com' })
    expect(taken.status).toBe(409)
    expect((await zimmer.anyone.post('/api/setup', { token, ...FORM })).status).toBe(201)
  })
})

describe('GET /setup', () => {
  test('is a page whose own script and style are all that may run', async () => {
    await using zimmer = await testZimmer('sqlite')
    const token = '"><script>alert(1)</script>'
    const reply = await zimmer.anyone.get(`/setup?token=${encodeURIComponent(token)}`)
    expect(reply.status).toBe(200)
    expect(reply.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(reply.text).not.toContain('alert(1)')
    expect(reply.text).not.toMatch(/https?:\/\//)
    const policy = reply.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    for (const tag of ['script', 'style']) {
      const inner = new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(reply.text)?.[1] ?? ''
      const hash = createHash('sha256').update(inner).digest('base64')
      expect(policy).toContain(`${tag}-src 'sha256-${hash}'`)
    }
  })
})
