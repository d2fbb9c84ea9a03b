import { describe, expect, test } from 'bun:test'
import { Statements } from '../../test/statements.ts'
import { usesBefore } from '../../test/usage.ts'
import { databases, testZimmer } from '../../test/zimmer.ts'
import { DAY_MS, dayOf, dayText } from '../lib/time.ts'

const urlOf = (userId: number) => `/api/admin/users/${userId}/timeline`

describe.each(databases)('GET /api/admin/users/:id/timeline on %s', (database) => {
  test('it tells all that happened, newest first, with its details', async () => {
    await using zimmer = await testZimmer(database)
    const boss = await zimmer.user('manager', { name: 'The Boss' })
    const automation = await zimmer.automation({ name: 'Summarizer', demoTokens: 5 })
    const alice = await zimmer.customer({ automation, paidTokens: 50 })
    await zimmer.customer({ automation, paidTokens: 50 })
    await zimmer.consume(alice, 3)
    await boss.client.post('/api/admin/tokens/adjust', {
      user_automation_id: alice.userAutomationId,
      delta_tokens: 7,
      reason: 'sorry',
    })
    await boss.client.put(`/api/admin/users/${alice.userId}`, { name: 'Alice' })
    const { status, body } = await (await zimmer.as('support_staff')).get(urlOf(alice.userId))
    expect([status, body.next_cursor]).toEqual([200, null])
    expect(body.events[0]).toMatchObject({
      type: 'usage',
      details: { day: dayText(dayOf(zimmer.clock.now())), tokens: 3, events: 1 },
    })
    expect(body.events[1]).toMatchObject({
      type: 'staff_action',
      details: {
        action: 'user.update',
        staff_id: boss.userId,
        staff_name: 'The Boss',
        after: { name: 'Alice' },
      },
    })
    expect(body.events[2]).toMatchObject({
      type: 'adjustment',
      details: { delta_tokens: 7, reason: 'sorry', automation_name: 'Summarizer', staff_name: 'The Boss' },
    })
    const types = body.events.map(({ type }: { type: string }) => type)
    expect(types.slice(3).sort()).toEqual(['session', 'sign_up', 'subscription'])
    expect(JSON.stringify(body)).not.toContain('password')
  })

  test('pages of any size tell the same in the same order, days of usage among them', async () => {
    await using zimmer = await testZimmer(database)
    const boss = await zimmer.user('manager')
    const alice = await zimmer.customer({ paidTokens: 500 })
    const today = dayOf(zimmer.clock.now())
    const days = [1, 2, 40, 41, 400]
    await usesBefore(
      zimmer,
      alice,
      days.flatMap((ago) => [
        { tokens: 2, at: (today - ago) * DAY_MS },
        { tokens: 3, at: (today - ago + 1) * DAY_MS - 1 },
      ]),
    )
    await zimmer.app.write(async (tx) => {
      // Of the same instant: an end of a day, and a time that many share.
      const times = [(today - 40) * DAY_MS - 1, (today - 40) * DAY_MS, today * DAY_MS - 1]
      for (const at of times.flatMap((time) => [time, time, time])) {
        const session = { user_id: alice.userId, created_at: at, last_used_at: at, expires_at: at }
        await tx.insertInto('sessions').values(session).execute()
        await tx
          .insertInto('adjustments')
          .values({
            ...{ user_automation_id: alice.userAutomationId, delta_tokens: 1, reason: 'so' },
            ...{ staff_id: boss.userId, balance_after: 1, created_at: at },
          })
          .execute()
      }
    })
    const key = (event: { type: string; id: number }) => `${event.type} ${event.id}`
    const whole = (await boss.client.get(`${urlOf(alice.userId)}?limit=100`)).body
    const all: string[] = whole.events.map(key)
    expect(new Set(all).size).toBe(9 + 9 + days.length + 3)
    const ats = whole.events.map(({ created_at }: { created_at: string }) => created_at)
    expect(ats).toEqual([...ats].sort().reverse())
    const used = whole.events.filter(({ type }: { type: string }) => type === 'usage')
    expect(used.map(({ details }: { details: object }) => details)).toEqual(
      days.map((ago) => ({ day: dayText(today - ago), tokens: 5, events: 2 })),
    )
    for (const limit of [1, 2, 7]) {
      const seen: string[] = []
      let cursor = ''
      do {
        const { body } = await boss.client.get(`${urlOf(alice.userId)}?limit=${limit}${cursor}`)
        seen.push(...body.events.map(key))
        cursor = body.next_cursor && `&cursor=${body.next_cursor}`
      } while (cursor)
      expect([limit, seen]).toEqual([limit, all])
    }
    await zimmer.app.write((tx) => tx.deleteFrom('adjustments').execute())
  })

  test('it costs the same for much as for little', async () => {
    const statements = new Statements()
    await using zimmer = await testZimmer(database, { onStatement: statements.seen })
    const boss = await zimmer.as('manager')
    const alice = await zimmer.customer({ paidTokens: 500 })
    const cost = async () =>
      (await statements.during(() => boss.get(`${urlOf(alice.userId)}?limit=50`))).length
    await usesBefore(zimmer, alice, [{ tokens: 1, at: zimmer.clock.now() }])
    await cost()
    const little = await cost()
    const at = (index: number) => zimmer.clock.now() - index * DAY_MS
    await usesBefore(
      zimmer,
      alice,
      Array.from({ length: 60 }, (_, index) => ({ tokens: 1, at: at(index) })),
    )
    expect(await cost()).toBe(little)
  })

  test('unknown users, broken cursors and customers are refused', async () => {
    await using zimmer = await testZimmer(database)
    const boss = await zimmer.user('manager')
    expect((await boss.client.get(urlOf(900_001))).status).toBe(404)
    for (const query of ['cursor=x', 'limit=0', 'limit=101', 'offset=1']) {
      expect((await boss.client.get(`${urlOf(boss.userId)}?${query}`)).status).toBe(422)
    }
    const alice = await zimmer.user('customer')
    expect((await alice.client.get(urlOf(alice.userId))).status).toBe(403)
  })
})
