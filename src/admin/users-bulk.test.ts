import { describe, expect, test } from 'bun:test'
import { addUsers } from '../../test/rows.ts'
import { count, databases, testZimmer, times } from '../../test/zimmer.ts'

const URL = '/api/admin/users'
const lines = (text: string) => text.trimEnd().split('\r\n').slice(1)

describe.each(databases)('GET /api/admin/users/export on %s', (database) => {
  test('it works, and stands in the audit trail with what was asked for', async () => {
    await using zimmer = await testZimmer(database)
    const admin = await zimmer.user('technical_team', { name: 'The Boss' })
    const alice = await zimmer.customer({ paidTokens: 50, demoTokens: 5 })
    await admin.client.put(`${URL}/${alice.userId}`, { name: '=1+1, "Alice"', phone_number: '+49 30' })
    const { status, headers, text } = await admin.client.get(`${URL}/export?role=customer`)
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8')
    const today = new Date(zimmer.clock.now()).toISOString().slice(0, 10)
    expect(headers.get('content-disposition')).toBe(`attachment; filename="users-${today}.csv"`)
    const { email, created_at } = (await admin.client.get(`${URL}/${alice.userId}`)).body
    expect(text).toBe(
      [
        'id,created_at,email,name,phone_number,role,is_active,email_verified,last_login_at,automations_count,tokens_remaining',
        `${alice.userId},${created_at},${email},"'=1+1, ""Alice""",'+49 30,customer,true,false,,1,55`,
        '',
      ].join('\r\n'),
    )
    expect((await admin.client.get('/api/admin/audit?action=user.export')).body.entries).toMatchObject([
      { staff: { id: admin.userId }, target_type: 'user', target_id: null, after: { role: 'customer' } },
    ])
  })

  test('it has all pages of the list, in its order, searched and filtered as the list is', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('manager')
    await addUsers(zimmer, 1_300)
    const exported = async (query: string) =>
      lines((await client.get(`${URL}/export?${query}`)).text).map((row) => row.split(',')[2] as string)
    const all = await exported('role=customer')
    expect(all).toHaveLength(1_300)
    expect(all[0]).toBe('user1299@example.com')
    expect(await exported('search=user&sort=email')).toEqual([...all].sort())
    const named = all.filter((email) => email.startsWith('user129')).map((email) => email.split('@')[0])
    const byName = (await exported('search=user129&sort=name&order=desc')).map((email) => email.split('@')[0])
    expect(byName).toEqual(named.sort().reverse())
    expect(await exported('search=nobody')).toEqual([])
    expect(await exported('role=customer&is_admin=true')).toEqual([])
  })

  test('support staff, customers and what it can not read are refused', async () => {
    await using zimmer = await testZimmer(database)
    for (const role of ['support_staff', 'customer'] as const) {
      expect((await (await zimmer.as(role)).get(`${URL}/export`)).status).toBe(403)
    }
    const client = await zimmer.as('manager')
    for (const query of ['limit=5', 'cursor=x', 'sort=id', `search=${'x'.repeat(201)}`]) {
      expect([query, (await client.get(`${URL}/export?${query}`)).status]).toEqual([query, 422])
    }
  })
})

describe.each(databases)('POST /api/admin/users/bulk-status on %s', (database) => {
  test('deactivates and activates, signs out, and stands in the audit trail of each', async () => {
    await using zimmer = await testZimmer(database)
    const admin = await zimmer.as('technical_team')
    const [alice, bob] = [await zimmer.user('customer'), await zimmer.user('customer')]
    const manager = await zimmer.user('manager')
    const ids = [bob.userId, alice.userId, alice.userId, manager.userId, 900_001]
    const first = await admin.post(`${URL}/bulk-status`, { ids, is_active: false })
    expect([first.status, first.body]).toEqual([
      200,
      {
        message: '2 deactivated',
        changed: [alice.userId, bob.userId],
        unchanged: [manager.userId, 900_001],
      },
    ])
    for (const { client } of [alice, bob]) expect((await client.get('/api/me')).status).toBe(401)
    expect((await manager.client.get('/api/me')).status).toBe(200)
    const again = await admin.post(`${URL}/bulk-status`, { ids: [alice.userId], is_active: false })
    expect(again.body).toMatchObject({ changed: [], unchanged: [alice.userId] })
    const back = await admin.post(`${URL}/bulk-status`, { ids: [alice.userId], is_active: true })
    expect(back.body).toMatchObject({ message: '1 activated', changed: [alice.userId] })
    const { entries } = (await admin.get('/api/admin/audit?target_type=user')).body
    expect(
      entries.map((entry: { action: string; target_id: number }) => [entry.action, entry.target_id]),
    ).toEqual([
      ['user.activate', alice.userId],
      ['user.deactivate', bob.userId],
      ['user.deactivate', alice.userId],
    ])
  })

  test('ten at once, in any order of ids, change each customer once', async () => {
    await using zimmer = await testZimmer(database)
    const admin = await zimmer.as('manager')
    const ids: number[] = []
    for (let index = 0; index < 20; index++) ids.push((await zimmer.user('customer')).userId)
    const replies = await times(10, (index) =>
      admin.post(`${URL}/bulk-status`, { ids: index % 2 ? ids : [...ids].reverse(), is_active: false }),
    )
    expect(count(replies, 200)).toBe(10)
    expect(replies.flatMap(({ body }) => body.changed).sort((a, b) => a - b)).toEqual(ids)
    expect((await admin.get('/api/admin/audit?limit=100')).body.entries).toHaveLength(20)
    const { total_count } = (await admin.get(`${URL}?is_active=false`)).body
    expect(total_count).toBe(20)
  })

  test('support staff, customers, too many, none and other fields are refused', async () => {
    await using zimmer = await testZimmer(database)
    const { userId } = await zimmer.user('customer')
    for (const role of ['support_staff', 'customer'] as const) {
      const body = { ids: [userId], is_active: false }
      expect((await (await zimmer.as(role)).post(`${URL}/bulk-status`, body)).status).toBe(403)
    }
    const admin = await zimmer.as('manager')
    const wrong = [
      { ids: [], is_active: false },
      { ids: Array.from({ length: 101 }, (_, index) => index + 1), is_active: false },
      { ids: [0], is_active: false },
      { ids: ['1'], is_active: false },
      { ids: [userId] },
      { ids: [userId], is_active: 'no' },
      { ids: [userId], is_active: false, role: 'manager' },
    ]
    for (const body of wrong) {
      expect([body, (await admin.post(`${URL}/bulk-status`, body)).status]).toEqual([body, 422])
    }
  })
})
