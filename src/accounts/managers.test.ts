import { describe, expect, test } from 'bun:test'
import { type Client, count, databases, type TestZimmer, testZimmer, times } from '../../test/zimmer.ts'

const URL = '/api/admin/users/managers'
const NEW = { email: 'sam@example.com', name: 'Sam', role: 'support_staff', password: 'three blind mice' }

const trail = (zimmer: TestZimmer) =>
  zimmer.app.db.selectFrom('audit_log').selectAll().orderBy('id').execute()

const activeManagers = async (zimmer: TestZimmer) => {
  const rows = await zimmer.app.db
    .selectFrom('users')
    .select('id')
    .where('role', '=', 'manager')
    .where('is_active', '=', 1)
    .execute()
  return rows.map(({ id }) => id)
}

describe.each(databases)('staff accounts on %s', (database) => {
  test('a manager makes one, who signs in; the trail says who made it', async () => {
    await using zimmer = await testZimmer(database)
    const boss = await zimmer.user('manager')
    const made = await boss.client.post(URL, { ...NEW, phone_number: '0912' }, { 'x-request-id': 'abc' })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({
      email: 'sam@example.com',
      name: 'Sam',
      role: 'support_staff',
      phone_number: '0912',
      is_active: true,
      is_admin: false,
    })
    expect(JSON.stringify(made.body)).not.toContain('argon2')
    const login = await zimmer.anyone.post('/api/auth/login', { email: NEW.email, password: NEW.password })
    expect(login.body.user.role).toBe('support_staff')
    const [entry] = await trail(zimmer)
    expect(entry).toMatchObject({
      staff_id: boss.userId,
      action: 'user.create',
      target_type: 'user',
      target_id: made.body.id,
      before: null,
      ip: '127.0.0.1',
      request_id: 'abc',
    })
    expect(JSON.parse(entry?.after ?? '')).toEqual({ email: NEW.email, name: 'Sam', role: 'support_staff' })
  })

  test('nobody but managers may', async () => {
    await using zimmer = await testZimmer(database)
    const { userId } = await zimmer.user('manager')
    const calls: [string, string, unknown?][] = [
      ['GET', URL],
      ['POST', URL, NEW],
      ['GET', `${URL}/stats`],
      ['POST', `${URL}/bulk-deactivate`, { ids: [userId] }],
      ['GET', `${URL}/${userId}`],
      ['PUT', `${URL}/${userId}`, { name: 'X' }],
      ['DELETE', `${URL}/${userId}`],
      ['PUT', `${URL}/${userId}/role`, { role: 'customer' }],
      ['PUT', `${URL}/${userId}/activate`],
    ]
    const roles = ['technical_team', 'support_staff', 'customer'] as const
    for (const role of roles) {
      const client = await zimmer.as(role)
      for (const [method, path, body] of calls) {
        const reply = await client.call(method, path, body)
        expect([role, method, path, reply.status]).toEqual([role, method, path, 403])
        if (role === 'customer') expect(reply.body.detail).toBe('Admin access required')
      }
    }
    for (const [method, path, body] of calls) {
      expect((await zimmer.anyone.call(method, path, body)).status).toBe(401)
    }
    expect(await activeManagers(zimmer)).toEqual([userId])
    expect(await trail(zimmer)).toEqual([])
  })

  test('the list has staff alone, by page, and can be searched', async () => {
    const statements: string[] = []
    await using zimmer = await testZimmer(database, { onStatement: (sql) => statements.push(sql) })
    const boss = await zimmer.user('manager', { name: 'Boss 100%_sure' })
    const tess = await zimmer.user('technical_team', { name: 'Tess Tech' })
    const sam = await zimmer.user('support_staff', { email: 'sam@support.example.com', name: 'Sam' })
    await zimmer.user('customer', { name: 'Boss of nothing' })
    await boss.client.delete(`${URL}/${sam.userId}`)
    const list = async (query: string) => {
      const { body } = await boss.client.get(`${URL}?${query}`)
      return [body.total_count, body.managers.map((user: { id: number }) => user.id)]
    }
    expect(await list('')).toEqual([3, [boss.userId, tess.userId, sam.userId]])
    expect(await list('limit=1&offset=1')).toEqual([3, [tess.userId]])
    expect(await list('search=TESS')).toEqual([1, [tess.userId]])
    expect(await list('search=support.example')).toEqual([1, [sam.userId]])
    expect(await list('search=100%25_S')).toEqual([1, [boss.userId]])
    expect(await list('search=%25')).toEqual([1, [boss.userId]])
    expect(await list("search=' or 1=1 --")).toEqual([0, []])
    expect(await list('role=technical_team')).toEqual([1, [tess.userId]])
    expect(await list('is_active=false')).toEqual([1, [sam.userId]])
    expect(await list('is_active=true&role=manager')).toEqual([1, [boss.userId]])
    const wrong = [
      'role=customer',
      'limit=0',
      'limit=101',
      'offset=-1',
      'is_active=maybe',
      'page=2',
      'limit=1&limit=2',
    ]
    for (const query of wrong) {
      expect([query, (await boss.client.get(`${URL}?${query}`)).status]).toEqual([query, 422])
    }
    statements.length = 0
    await list('limit=1')
    const one = statements.length
    statements.length = 0
    await list('limit=100')
    expect(statements.length).toBe(one)
  })

  test('one is read, changed, deactivated and activated, each in the trail', async () => {
    await using zimmer = await testZimmer(database)
    const boss = await zimmer.user('manager')
    const sam = await zimmer.user('support_staff', { email: 'sam@example.com', name: 'Sam' })
    const path = `${URL}/${sam.userId}`
    expect((await boss.client.get(path)).body.name).toBe('Sam')
    const changed = await boss.client.put(path, { name: 'Samuel', email: 'Samuel@Example.com' })
    expect(changed.body).toMatchObject({ name: 'Samuel', email: 'samuel@example.com', phone_number: null })
    expect((await sam.client.get('/api/me')).body.name).toBe('Samuel')

    const off = await boss.client.delete(path)
    expect([off.status, off.body.is_active]).toEqual([200, false])
    expect((await sam.client.get('/api/me')).status).toBe(401)
    expect((await boss.client.delete(path)).status).toBe(200) // again changes nothing, and isn't told of
    const on = await boss.client.put(`${path}/activate`)
    expect([on.status, on.body.is_active]).toEqual([200, true])

    const entries = await trail(zimmer)
    expect(entries.map(({ action }) => action)).toEqual(['user.update', 'user.deactivate', 'user.activate'])
    expect(JSON.parse(entries[0]?.before ?? '')).toMatchObject({ name: 'Sam', email: 'sam@example.com' })
    expect(JSON.parse(entries[0]?.after ?? '')).toMatchObject({ name: 'Samuel', email: 'samuel@example.com' })
    expect(entries.every((entry) => entry.staff_id === boss.userId && entry.target_id === sam.userId)).toBe(
      true,
    )
  })

  test('a role counts from the next request on, and makes staff of a customer', async () => {
    await using zimmer = await testZimmer(database)
    const boss = await zimmer.user('manager')
    const sam = await zimmer.user('customer')
    expect((await sam.client.get(URL)).status).toBe(403)
    const up = await boss.client.put(`${URL}/${sam.userId}/role`, { role: 'manager' })
    expect([up.status, up.body.role, up.body.is_admin]).toEqual([200, 'manager', true])
    expect((await sam.client.get(URL)).status).toBe(200)
    await boss.client.put(`${URL}/${sam.userId}/role`, { role: 'support_staff' })
    expect((await sam.client.get(URL)).status).toBe(403)
    const [first] = await trail(zimmer)
    expect([first?.action, first?.before, first?.after]).toEqual([
      'user.role',
      '{"role":"customer"}',
      '{"role":"manager"}',
    ])
  })

  test('an email that somebody has is refused, also when it is taken at the same moment', async () => {
    await using zimmer = await testZimmer(database)
    const boss = await zimmer.user('manager')
    const staff = await times(8, () => zimmer.user('support_staff'))
    const taken = await boss.client.put(`${URL}/${staff[0]?.userId}`, { email: boss.email })
    expect([taken.status, taken.body.code]).toEqual([409, 'email_taken'])
    expect((await boss.client.post(URL, { ...NEW, email: boss.email })).status).toBe(409)
    const replies = await times(8, (i) =>
      boss.client.put(`${URL}/${staff[i]?.userId}`, { email: 'wanted@example.com' }),
    )
    expect([count(replies, 200), count(replies, 409)]).toEqual([1, 7])
  })

  test('customers and nobody are no staff account', async () => {
    await using zimmer = await testZimmer(database)
    const boss = await zimmer.user('manager')
    const customer = await zimmer.user('customer')
    for (const id of [customer.userId, 999_999, Number.MAX_SAFE_INTEGER]) {
      const replies = [
        await boss.client.get(`${URL}/${id}`),
        await boss.client.put(`${URL}/${id}`, { name: 'X' }),
        await boss.client.delete(`${URL}/${id}`),
        await boss.client.put(`${URL}/${id}/activate`),
      ]
      expect(count(replies, 404)).toBe(4)
    }
    expect((await boss.client.put(`${URL}/999999/role`, { role: 'manager' })).status).toBe(404)
    expect((await customer.client.get('/api/me')).status).toBe(200)
  })

  test('bad input is refused, naming the field', async () => {
    await using zimmer = await testZimmer(database)
    const boss = await zimmer.user('manager')
    const wrong: [object, string][] = [
      [{ role: 'customer' }, 'role'],
      [{ role: 'owner' }, 'role'],
      [{ email: 'x' }, 'email'],
      [{ name: '' }, 'name'],
      [{ password: 'password' }, 'password'],
      [{ is_active: false }, 'is_active'],
    ]
    for (const [fields, field] of wrong) {
      const reply = await boss.client.post(URL, { ...NEW, ...fields })
      expect([reply.status, reply.body.errors?.[0]?.field]).toEqual([422, field])
    }
    const bulk: unknown[] = [
      {},
      { ids: [] },
      { ids: ['1'] },
      { ids: [1.5] },
      { ids: [0] },
      { ids: Array(101).fill(1) },
    ]
    for (const body of bulk) {
      expect((await boss.client.post(`${URL}/bulk-deactivate`, body)).status).toBe(422)
    }
    expect((await boss.client.put(`${URL}/${boss.userId}/role`, { role: 'king' })).status).toBe(422)
    expect((await boss.client.get(`${URL}/-1`)).status).toBe(422)
  })

  test('several are deactivated at once, in the trail one by one', async () => {
    await using zimmer = await testZimmer(database)
    const boss = await zimmer.user('manager')
    const staff = await times(3, () => zimmer.user('support_staff'))
    const customer = await zimmer.user('customer')
    const ids = staff.map(({ userId }) => userId).sort((a, b) => a - b)
    await boss.client.delete(`${URL}/${ids[0]}`)
    const body = { ids: [...ids, ids[1], customer.userId, 999_999] }
    const reply = await boss.client.post(`${URL}/bulk-deactivate`, body)
    expect(reply.body.deactivated).toEqual(ids.slice(1))
    expect(reply.body.unchanged).toEqual([ids[0], customer.userId, 999_999])
    for (const { client } of staff) expect((await client.get('/api/me')).status).toBe(401)
    expect((await customer.client.get('/api/me')).status).toBe(200)
    expect((await trail(zimmer)).map(({ target_id }) => target_id)).toEqual(ids)
  })

  test('the numbers are by role', async () => {
    await using zimmer = await testZimmer(database)
    const boss = await zimmer.user('manager')
    const sam = await zimmer.user('support_staff')
    await zimmer.user('support_staff')
    await zimmer.user('customer')
    await boss.client.delete(`${URL}/${sam.userId}`)
    expect((await boss.client.get(`${URL}/stats`)).body).toEqual({
      total: 3,
      active: 2,
      inactive: 1,
      by_role: {
        manager: { total: 1, active: 1 },
        technical_team: { total: 0, active: 0 },
        support_staff: { total: 2, active: 1 },
      },
    })
  })
})

describe.each(databases)('the last manager on %s', (database) => {
  test('is neither deactivated nor demoted, by any way', async () => {
    await using zimmer = await testZimmer(database)
    const boss = await zimmer.user('manager')
    const gone = await zimmer.user('manager')
    const sam = await zimmer.user('support_staff')
    await boss.client.delete(`${URL}/${gone.userId}`)
    const replies = [
      await boss.client.delete(`${URL}/${boss.userId}`),
      await boss.client.put(`${URL}/${boss.userId}/role`, { role: 'technical_team' }),
      await boss.client.put(`${URL}/${boss.userId}/role`, { role: 'customer' }),
      await boss.client.post(`${URL}/bulk-deactivate`, { ids: [sam.userId, boss.userId] }),
    ]
    for (const reply of replies) expect([reply.status, reply.body.code]).toEqual([409, 'last_manager'])
    expect(await activeManagers(zimmer)).toEqual([boss.userId])
    expect((await boss.client.get(URL)).status).toBe(200) // their session is whole as well
    expect((await sam.client.get('/api/me')).status).toBe(200)
    expect(await trail(zimmer)).toHaveLength(1)
  })

  test('two who demote, deactivate or bulk-deactivate each other at once leave one', async () => {
    await using zimmer = await testZimmer(database)
    const ways = [
      (by: { client: Client }, id: number) => by.client.put(`${URL}/${id}/role`, { role: 'customer' }),
      (by: { client: Client }, id: number) => by.client.delete(`${URL}/${id}`),
      (by: { client: Client }, id: number) => by.client.post(`${URL}/bulk-deactivate`, { ids: [id] }),
    ]
    for (const first of ways) {
      for (const second of ways) {
        const one = await zimmer.user('manager')
        const two = await zimmer.user('manager')
        const others = (await activeManagers(zimmer)).filter((id) => id !== one.userId && id !== two.userId)
        if (others.length > 0) await one.client.post(`${URL}/bulk-deactivate`, { ids: others })
        for (const { client } of [one, two]) await client.get('/api/me') // both are known callers
        const replies = await Promise.all([first(one, two.userId), second(two, one.userId)])
        expect(count(replies, 200)).toBe(1)
        expect(await activeManagers(zimmer)).toHaveLength(1)
      }
    }
  })

  test('ten who each deactivate all the others leave one', async () => {
    await using zimmer = await testZimmer(database)
    const all = await times(10, () => zimmer.user('manager'))
    const ids = all.map(({ userId }) => userId)
    for (const { client } of all) await client.get('/api/me')
    const replies = await times(10, (i) =>
      all[i]!.client.post(`${URL}/bulk-deactivate`, { ids: ids.filter((id) => id !== ids[i]) }),
    )
    expect(count(replies, 200)).toBeGreaterThanOrEqual(1)
    expect(await activeManagers(zimmer)).toHaveLength(1)
  })
})
