import { describe, expect, test } from 'bun:test'
import { addUsers } from '../../test/rows.ts'
import { databases, testZimmer } from '../../test/zimmer.ts'

const URL = '/api/admin/users'
const ids = (users: { id: number }[]) => users.map(({ id }) => id)
const namesOf = ({ users }: { users: { name: string }[] }) => users.map(({ name }) => name)

describe.each(databases)('GET /api/admin/users on %s', (database) => {
  test('it works', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 50, demoTokens: 5 })
    const { status, body } = await (await zimmer.as('support_staff')).get(URL)
    expect(status).toBe(200)
    expect(body).toMatchObject({ total_count: 2, total_is_estimate: false, next_cursor: null })
    expect(body.users[0]).toMatchObject({ role: 'support_staff', is_admin: false, automations_count: 0 })
    expect(body.users[1]).toMatchObject({
      id: alice.userId,
      name: 'Test customer',
      phone_number: null,
      role: 'customer',
      is_admin: false,
      is_active: true,
      email_verified: false,
      automations_count: 1,
      tokens_remaining: 55,
    })
    expect(JSON.stringify(body)).not.toContain('password')
  })

  test('a page that is kept is never from before a sign-up, an edit, a sign-in, a consume or a deactivation', async () => {
    await using zimmer = await testZimmer(database)
    const manager = await zimmer.as('manager')
    const alice = await zimmer.customer({ paidTokens: 100 })
    const page = async () => (await manager.get(URL)).body
    const hers = async () => (await page()).users.find(({ id }: { id: number }) => id === alice.userId)
    for (let round = 1; round <= 5; round++) {
      const { total_count } = await page()
      await zimmer.user('customer')
      expect((await page()).total_count).toBe(total_count + 1)
      await alice.client.put('/api/user/profile', { name: `Alice ${round}` })
      expect((await hers()).name).toBe(`Alice ${round}`)
      await zimmer.consume(alice)
      expect((await hers()).tokens_remaining).toBe(100 - round)
    }
    await manager.post(`${URL}/${alice.userId}/deactivate`, {})
    expect((await hers()).is_active).toBe(false)
  })

  test('pages follow each other, newest first, while others sign up', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('manager')
    await addUsers(zimmer, 24)
    const first = (await client.get(`${URL}?limit=10`)).body
    await addUsers(zimmer, 5, 'late')
    const second = (await client.get(`${URL}?limit=10&cursor=${first.next_cursor}`)).body
    const third = (await client.get(`${URL}?limit=10&cursor=${second.next_cursor}`)).body
    const seen = ids([...first.users, ...second.users, ...third.users])
    expect(seen).toHaveLength(25)
    expect(new Set(seen).size).toBe(25)
    expect(seen).toEqual([...seen].sort((a, b) => b - a))
    expect(third.next_cursor).toBeNull()
    expect([first.total_count, second.total_count]).toEqual([25, 30])
  })

  test('a page that is full to the last user has none after it', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('manager')
    await addUsers(zimmer, 9)
    expect((await client.get(`${URL}?limit=10`)).body.next_cursor).toBeNull()
    expect((await client.get(`${URL}?limit=9`)).body.next_cursor).toBeString()
  })

  test('search finds a part of a name or an email in any case, and its signs are no wildcards', async () => {
    await using zimmer = await testZimmer(database)
    const { client } = await zimmer.user('manager', { name: 'The Boss', email: 'boss@example.org' })
    await zimmer.user('customer', { name: 'Alice Liddell', email: 'wonder@example.com' })
    await zimmer.user('customer', { name: 'مریم صادقی', email: 'maryam@example.com' })
    await zimmer.user('customer', { name: '100% real_name\\', email: 'o_o@example.com' })
    const found = async (search: string) => {
      const { body } = await client.get(`${URL}?search=${encodeURIComponent(search)}`)
      expect(body.total_count).toBe(body.users.length)
      return body.users.map((user: { email: string }) => user.email.split('@')[0]).reverse()
    }
    expect(await found('LIDD')).toEqual(['wonder'])
    expect(await found('Wonder@Ex')).toEqual(['wonder'])
    expect(await found('صادق')).toEqual(['maryam'])
    expect(await found('0% r')).toEqual(['o_o'])
    expect(await found('%')).toEqual(['o_o'])
    expect(await found('_')).toEqual(['o_o'])
    expect(await found('\\')).toEqual(['o_o'])
    expect(await found("' or 1=1 --")).toEqual([])
    expect(await found('')).toHaveLength(4)
  })

  test('filters by role, activity and kind of staff, and all of them together', async () => {
    await using zimmer = await testZimmer(database)
    const manager = await zimmer.user('manager')
    const technician = await zimmer.user('technical_team')
    const supporter = await zimmer.user('support_staff')
    const alice = await zimmer.user('customer')
    const bob = await zimmer.user('customer')
    await manager.client.post(`${URL}/${bob.userId}/deactivate`, {})
    const found = async (query: string) =>
      ids((await manager.client.get(`${URL}?${query}`)).body.users).reverse()
    expect(await found('role=customer')).toEqual([alice.userId, bob.userId])
    expect(await found('role=customer&is_active=true')).toEqual([alice.userId])
    expect(await found('is_active=0')).toEqual([bob.userId])
    expect(await found('is_admin=true')).toEqual([manager.userId, technician.userId])
    expect(await found('is_admin=false')).toEqual([supporter.userId, alice.userId, bob.userId])
    expect(await found('is_admin=true&role=customer')).toEqual([])
    expect(await found('email_verified=true')).toEqual([])
    expect(await found(`search=${alice.email}&is_active=true&role=customer`)).toEqual([alice.userId])
  })

  test('sorts by name, email and time both ways, and pages go on from any of them', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('manager')
    const names = [
      'bob',
      'Alice',
      'alice',
      'Édith',
      'علي',
      'علی',
      'zoe',
      'Bob',
      'x'.repeat(100),
      'مریم',
      'Zoe',
    ]
    for (const name of names) await zimmer.user('customer', { name })
    await zimmer.app.write((tx) =>
      tx.updateTable('users').set({ created_at: 5 }).where('id', 'in', [3, 5, 7]).execute(),
    )
    const all = async (query: string, limit: number) => {
      const seen: { id: number; name: string; email: string; created_at: string }[] = []
      let cursor = ''
      do {
        const { status, body } = await client.get(`${URL}?role=customer&${query}&limit=${limit}${cursor}`)
        expect([query, status]).toEqual([query, 200])
        seen.push(...body.users)
        cursor = body.next_cursor && `&cursor=${body.next_cursor}`
      } while (cursor)
      return seen
    }
    const byName = (await all('sort=name', 100)).map(({ name }) => name)
    expect(byName).toEqual([
      'Alice',
      'alice',
      'bob',
      'Bob',
      'x'.repeat(100),
      'zoe',
      'Zoe',
      'Édith',
      'علي',
      'علی',
      'مریم',
    ])
    const orders = ['sort=name', 'sort=email', 'sort=created_at', 'order=asc', 'sort=name&search=customer']
    for (const query of orders) {
      const whole = ids(await all(query, 100))
      expect(new Set(whole).size).toBe(names.length)
      for (const limit of [1, 4]) expect([query, ids(await all(query, limit))]).toEqual([query, whole])
      const turned = query.includes('order')
        ? 'order=desc'
        : `${query}&order=${query === 'sort=created_at' ? 'asc' : 'desc'}`
      expect([turned, ids(await all(turned, 3))]).toEqual([turned, whole.toReversed()])
    }
  })

  test('in the order of names many are walked, and a page goes on from where the walk ended', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('manager')
    await addUsers(zimmer, 5_500, 'aaa')
    await addUsers(zimmer, 1_040, 'zzz')
    await zimmer.app.write((tx) =>
      tx.updateTable('users').set({ email_verified: 1 }).where('name', 'like', 'zzz%').execute(),
    )
    const walked = async (query: string, last = 'zzz') => {
      const first = (await client.get(`${URL}?${query}&sort=name&limit=5`)).body
      expect([query, first.users]).toEqual([query, []])
      const second = (await client.get(`${URL}?${query}&sort=name&limit=5&cursor=${first.next_cursor}`)).body
      expect(namesOf(second)).toEqual(['zzz 0', 'zzz 1', 'zzz 10', 'zzz 100', 'zzz 1000'])
      const few = (await client.get(`${URL}?${query}&role=customer&sort=name&order=desc&limit=2`)).body
      expect(namesOf(few)).toEqual([`${last} 999`, `${last} 998`])
    }
    await walked('email_verified=true')
    if (database === 'sqlite') {
      const { users, next_cursor, ...total } = (await client.get(`${URL}?search=zzz&sort=name&limit=5`)).body
      expect(namesOf({ users })).toEqual(['zzz 0', 'zzz 1', 'zzz 10', 'zzz 100', 'zzz 1000'])
      expect(total).toEqual({ total_count: 1_040, total_is_estimate: false })
      const next = (await client.get(`${URL}?search=zzz&sort=name&limit=2&cursor=${next_cursor}`)).body
      expect(namesOf(next)).toEqual(['zzz 1001', 'zzz 1002'])
      await addUsers(zimmer, 4_000, 'zzz-more')
      await walked('search=zzz', 'zzz-more')
    } else await walked('search=zzz')
  })

  test('counts exactly, and says so when it estimates what a search finds', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('manager')
    await addUsers(zimmer, 1_000)
    const count = async (query = '') => {
      const { total_count, total_is_estimate } = (await client.get(`${URL}?limit=1${query}`)).body
      return [total_count, total_is_estimate]
    }
    expect(await count()).toEqual([1_001, false])
    expect(await count('&search=user')).toEqual([1_000, false])
    await addUsers(zimmer, 200, 'user-more')
    expect(await count()).toEqual([1_201, false])
    expect(await count('&is_active=true&role=customer')).toEqual([1_200, false])
    expect(await count('&search=user')).toEqual([1_200, false])
    expect(await count('&search=user&is_active=true')).toEqual([1_200, false])
    expect(await count('&search=user&sort=name')).toEqual([1_200, false])
    expect(await count('&search=user123')).toEqual([1, false])
    expect(await count('&search=user&role=manager')).toEqual([0, false])
    await addUsers(zimmer, 8_799, 'other')
    for (const sort of ['', '&sort=email']) {
      expect(await count(`&search=example.com${sort}`)).toEqual([10_000, false])
    }
    await addUsers(zimmer, 2_400, 'third')
    for (const sort of ['', '&sort=email']) {
      expect(await count(`&search=example.com${sort}`)).toEqual([12_000, true])
      expect(await count(`&search=other${sort}`)).toEqual([8_799, false])
    }
  })

  test('refuses customers, whoever is not signed in, and what it can not read', async () => {
    await using zimmer = await testZimmer(database)
    const refused = await (await zimmer.as('customer')).get(URL)
    expect([refused.status, refused.body.detail]).toEqual([403, 'Admin access required'])
    expect((await zimmer.anyone.get(URL)).status).toBe(401)
    const client = await zimmer.as('manager')
    const cursorOf = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const wrong = [
      'limit=0',
      'limit=101',
      'limit=1.5',
      'limit=many',
      'cursor=broken',
      `cursor=${cursorOf([1, 2])}`,
      `cursor=${cursorOf(['1'])}`,
      `cursor=${cursorOf([-1])}`,
      `cursor=${cursorOf([1e300])}`,
      `cursor=${cursorOf({ id: 1 })}`,
      'cursor=',
      'role=root',
      'is_active=maybe',
      `search=${'x'.repeat(201)}`,
      'sort=id',
      'sort=role',
      'order=up',
      `sort=name&cursor=${cursorOf([1])}`,
      `sort=name&cursor=${cursorOf([5, 1])}`,
      `sort=name&cursor=${cursorOf(['a\u0000', 1])}`,
      `sort=created_at&cursor=${cursorOf(['a', 1])}`,
      `sort=email&cursor=${cursorOf(['\ud800', 1])}`,
      'search=%00',
      'offset=3',
    ]
    for (const query of wrong) {
      const { status, body } = await client.get(`${URL}?${query}`)
      expect([query, status]).toEqual([query, 422])
      expect(query).toContain(`${body.errors[0].field}=`)
    }
  })
})
