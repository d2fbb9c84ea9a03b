import { describe, expect, test } from 'bun:test'
import { databases, testZimmer } from '../../test/zimmer.ts'
import { recordAction } from '../accounts/accounts.ts'
import { DAY_MS, dayOf, dayText } from '../lib/time.ts'

const URL = '/api/admin/audit'

describe.each(databases)('GET /api/admin/audit on %s', (database) => {
  test('it works', async () => {
    await using zimmer = await testZimmer(database)
    const admin = await zimmer.user('manager', { name: 'The Boss' })
    const alice = await zimmer.user('customer')
    await admin.client.post(`/api/admin/users/${alice.userId}/deactivate`, {})
    const { status, body } = await (await zimmer.as('support_staff')).get(URL)
    expect(status).toBe(200)
    expect(body.next_cursor).toBeNull()
    expect(body.entries).toMatchObject([
      {
        staff: { id: admin.userId, name: 'The Boss' },
        action: 'user.deactivate',
        target_type: 'user',
        target_id: alice.userId,
        before: { is_active: true },
        after: { is_active: false },
        ip: '127.0.0.1',
      },
    ])
  })

  test('newest first in pages, filtered by staff, action and target', async () => {
    await using zimmer = await testZimmer(database)
    const { userId: staffId, client } = await zimmer.user('manager')
    await zimmer.app.write(async (tx) => {
      for (let index = 0; index < 12; index++) {
        await recordAction(tx, {
          staffId: index % 2 ? staffId : null,
          action: index % 3 ? 'thing.update' : 'thing.create',
          targetType: index < 6 ? 'thing' : 'other',
          targetId: index,
        })
      }
    })
    const found = async (query: string) => {
      const { body } = await client.get(`${URL}?${query}`)
      return body.entries.map((entry: { target_id: number }) => entry.target_id)
    }
    expect(await found('')).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0])
    expect(await found(`staff_id=${staffId}`)).toEqual([11, 9, 7, 5, 3, 1])
    expect(await found('action=thing.create')).toEqual([9, 6, 3, 0])
    expect(await found('target_type=other&limit=2')).toEqual([11, 10])
    expect(await found('target_type=thing&target_id=4')).toEqual([4])
    const first = (await client.get(`${URL}?limit=5`)).body
    expect(first.entries[1]).toMatchObject({ staff: null, before: null, after: null })
    expect(await found(`limit=5&cursor=${first.next_cursor}`)).toEqual([6, 5, 4, 3, 2])
  })

  test('several filters look at 5,000 entries for a page, and go on from there', async () => {
    await using zimmer = await testZimmer(database)
    const { userId: staffId, client } = await zimmer.user('manager')
    const fields = { staff_id: staffId, target_type: 'thing', created_at: zimmer.clock.now() }
    await zimmer.app.write(async (tx) => {
      for (let from = 0; from < 5_200; from += 400) {
        const entries = Array.from({ length: 400 }, (_, index) => ({
          ...fields,
          action: (from + index) % 2_600 === 0 ? 'thing.rare' : 'thing.update',
          target_id: from + index,
        }))
        await tx.insertInto('audit_log').values(entries).execute()
      }
    })
    const query = `${URL}?staff_id=${staffId}&action=thing.rare&limit=2`
    const first = (await client.get(query)).body
    expect(first.entries.map((entry: { target_id: number }) => entry.target_id)).toEqual([2_600])
    const second = (await client.get(`${query}&cursor=${first.next_cursor}`)).body
    expect(second.entries.map((entry: { target_id: number }) => entry.target_id)).toEqual([0])
    expect(second.next_cursor).toBeNull()
  })

  test('of some days, with other filters and over pages', async () => {
    await using zimmer = await testZimmer(database)
    const [first, ...days] = Array.from({ length: 5 }, (_, nth) => dayText(dayOf(zimmer.clock.now()) + nth))
    for (const day of [first, ...days]) {
      await zimmer.app.write(async (tx) => {
        for (const action of ['thing.create', 'thing.update']) {
          const thing = { targetType: 'thing', targetId: Number(day?.slice(-2)) }
          await recordAction(tx, { staffId: null, action, ...thing })
        }
      })
      zimmer.clock.advance(DAY_MS)
    }
    const client = await zimmer.as('manager')
    const found = async (query: string) => {
      const { body } = await client.get(`${URL}?target_type=thing&${query}`)
      return body.entries.map((entry: { created_at: string; action: string }) => [
        entry.created_at.slice(0, 10),
        entry.action.slice('thing.'.length),
      ])
    }
    const [second, third, fourth] = days
    expect(await found(`from=${second}&to=${third}`)).toEqual([
      [third, 'update'],
      [third, 'create'],
      [second, 'update'],
      [second, 'create'],
    ])
    expect(await found(`from=${fourth}&action=thing.create`)).toEqual([
      [days[3], 'create'],
      [fourth, 'create'],
    ])
    expect(await found(`to=${first}`)).toHaveLength(2)
    expect(await found('from=2999-01-01')).toEqual([])
    expect(await found('to=2000-01-01')).toEqual([])
    const page = (await client.get(`${URL}?target_type=thing&to=${second}&limit=3`)).body
    expect(page.entries).toHaveLength(3)
    expect(await found(`to=${second}&limit=3&cursor=${page.next_cursor}`)).toEqual([[first, 'create']])
  })

  test('a target without its type, a broken cursor and customers are refused', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('manager')
    expect((await client.get(`${URL}?target_id=4`)).body.errors[0].field).toBe('target_id')
    for (const query of ['cursor=x', 'staff_id=x', 'action=', 'limit=0', 'since=1', 'from=today']) {
      expect((await client.get(`${URL}?${query}`)).status).toBe(422)
    }
    for (const query of ['from=2026-02-30', 'from=2026-02-02&to=2026-02-01']) {
      expect((await client.get(`${URL}?${query}`)).body.errors[0].field).toBe('from')
    }
    expect((await (await zimmer.as('customer')).get(URL)).status).toBe(403)
  })

  test('nothing in it can be changed or taken away', async () => {
    await using zimmer = await testZimmer(database)
    const admin = await zimmer.user('manager')
    const alice = await zimmer.user('customer')
    await admin.client.post(`/api/admin/users/${alice.userId}/deactivate`, {})
    const { write } = zimmer.app
    await expect(
      write((tx) => tx.updateTable('audit_log').set({ action: 'nothing' }).execute()),
    ).rejects.toThrow()
    await expect(write((tx) => tx.deleteFrom('audit_log').execute())).rejects.toThrow()
    expect((await admin.client.get(URL)).body.entries).toMatchObject([{ action: 'user.deactivate' }])
  })
})
