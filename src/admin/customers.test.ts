import { describe, expect, test } from 'bun:test'
import { count, databases, testZimmer, times } from '../../test/zimmer.ts'

const URL = '/api/admin/users'

describe.each(databases)('PUT /api/admin/users/:id on %s', (database) => {
  test('it works, and is in the audit trail with what was and what is', async () => {
    await using zimmer = await testZimmer(database)
    const admin = await zimmer.user('technical_team')
    const alice = await zimmer.user('customer', { name: 'Alise' })
    const { status, body } = await admin.client.put(
      `${URL}/${alice.userId}`,
      { name: 'Alice', phone_number: '+49 30 1234' },
      { 'x-request-id': 'a-change' },
    )
    expect(status).toBe(200)
    expect(body).toMatchObject({ id: alice.userId, name: 'Alice', phone_number: '+49 30 1234' })
    expect((await alice.client.get('/api/me')).body).toMatchObject({ name: 'Alice' })
    const { entries } = (await admin.client.get('/api/admin/audit')).body
    expect(entries).toHaveLength(1)
    expect(entries[0]).toMatchObject({
      staff: { id: admin.userId },
      action: 'user.update',
      target_type: 'user',
      target_id: alice.userId,
      before: { name: 'Alise', phone_number: null },
      after: { name: 'Alice', phone_number: '+49 30 1234' },
      ip: '127.0.0.1',
      request_id: 'a-change',
    })
  })

  test('what is left out stays, and null takes the phone number away', async () => {
    await using zimmer = await testZimmer(database)
    const admin = await zimmer.as('manager')
    const { userId } = await zimmer.user('customer', { name: 'Alice' })
    await admin.put(`${URL}/${userId}`, { phone_number: '123' })
    expect((await admin.put(`${URL}/${userId}`, {})).body).toMatchObject({
      name: 'Alice',
      phone_number: '123',
    })
    expect((await admin.put(`${URL}/${userId}`, { phone_number: null })).body.phone_number).toBeNull()
  })

  test('support staff and customers may not, and nobody changes staff here', async () => {
    await using zimmer = await testZimmer(database)
    const manager = await zimmer.user('manager', { name: 'The Boss' })
    const alice = await zimmer.user('customer', { name: 'Alice' })
    for (const role of ['support_staff', 'customer'] as const) {
      const { status } = await (await zimmer.as(role)).put(`${URL}/${alice.userId}`, { name: 'Mallory' })
      expect(status).toBe(403)
    }
    const refused = await (await zimmer.as('technical_team')).put(`${URL}/${manager.userId}`, {
      name: 'Mallory',
    })
    expect([refused.status, refused.body.code]).toEqual([403, 'staff_account'])
    expect((await manager.client.get(`${URL}/${manager.userId}`)).body.name).toBe('The Boss')
    expect((await manager.client.get('/api/admin/audit')).body.entries).toEqual([])
  })

  test('other fields, wrong types and unknown users are refused', async () => {
    await using zimmer = await testZimmer(database)
    const admin = await zimmer.as('manager')
    const { userId } = await zimmer.user('customer')
    const wrong = [
      { role: 'manager' },
      { is_active: false },
      { email: 'x@example.com' },
      { name: '' },
      { name: '  ' },
      { name: 5 },
      { name: 'x'.repeat(101) },
      { phone_number: 'x'.repeat(33) },
    ]
    for (const body of wrong) {
      const reply = await admin.put(`${URL}/${userId}`, body)
      expect([body, reply.status]).toEqual([body, 422])
    }
    expect((await admin.put(`${URL}/999`, { name: 'Nobody' })).status).toBe(404)
  })
})

describe.each(databases)('POST /api/admin/users/:id/deactivate and activate on %s', (database) => {
  test('who is deactivated is out on the next request, and may come back', async () => {
    await using zimmer = await testZimmer(database)
    const admin = await zimmer.as('technical_team')
    const alice = await zimmer.user('customer')
    expect((await alice.client.get('/api/me')).status).toBe(200)
    const { status, body } = await admin.post(`${URL}/${alice.userId}/deactivate`, {})
    expect([status, body.is_active]).toEqual([200, false])
    expect((await alice.client.get('/api/me')).status).toBe(401)
    const back = await admin.post(`${URL}/${alice.userId}/activate`, {})
    expect([back.status, back.body.is_active]).toEqual([200, true])
    expect((await alice.client.get('/api/me')).status).toBe(401)
    const { entries } = (await admin.get(`/api/admin/audit?target_type=user&target_id=${alice.userId}`)).body
    expect(entries.map((entry: { action: string }) => entry.action)).toEqual([
      'user.activate',
      'user.deactivate',
    ])
  })

  test('ten at once deactivate once', async () => {
    await using zimmer = await testZimmer(database)
    const admin = await zimmer.as('manager')
    const { userId } = await zimmer.user('customer')
    const replies = await times(10, () => admin.post(`${URL}/${userId}/deactivate`, {}))
    expect(count(replies, 200)).toBe(10)
    expect((await admin.get('/api/admin/audit')).body.entries).toHaveLength(1)
  })

  test('staff accounts, unknown users, support staff and customers are refused', async () => {
    await using zimmer = await testZimmer(database)
    const admin = await zimmer.as('technical_team')
    const manager = await zimmer.user('manager')
    const other = await zimmer.user('support_staff')
    for (const { userId } of [manager, other]) {
      const { status, body } = await admin.post(`${URL}/${userId}/deactivate`, {})
      expect([status, body.code]).toEqual([403, 'staff_account'])
    }
    expect((await other.client.get('/api/me')).status).toBe(200)
    expect((await admin.post(`${URL}/999/deactivate`, {})).status).toBe(404)
    const alice = await zimmer.user('customer')
    for (const caller of [other, alice]) {
      expect((await caller.client.post(`${URL}/${alice.userId}/deactivate`, {})).status).toBe(403)
    }
    expect((await admin.post(`${URL}/${alice.userId}/deactivate`, { why: 'so' })).status).toBe(422)
    expect((await alice.client.get('/api/me')).status).toBe(200)
  })
})
