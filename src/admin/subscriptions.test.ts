import { describe, expect, test } from 'bun:test'
import { addUsers, subscribeAll } from '../../test/rows.ts'
import { databases, testZimmer } from '../../test/zimmer.ts'

const URL = '/api/admin/user-automations'
const ids = (rows: { id: number }[]) => rows.map(({ id }) => id)

describe.each(databases)('GET /api/admin/user-automations on %s', (database) => {
  test('it works', async () => {
    await using zimmer = await testZimmer(database)
    const automation = await zimmer.automation({ name: 'Summarizer', demoTokens: 5 })
    const alice = await zimmer.customer({ automation, paidTokens: 50 })
    const { status, body } = await (await zimmer.as('support_staff')).get(URL)
    expect(status).toBe(200)
    expect(body.next_cursor).toBeNull()
    expect(body.user_automations).toMatchObject([
      {
        id: alice.userAutomationId,
        user_id: alice.userId,
        user_name: 'Test customer',
        automation_id: alice.automationId,
        automation_name: 'Summarizer',
        status: 'active',
        tokens_remaining: 55,
        demo_tokens: 5,
        paid_tokens: 50,
      },
    ])
  })

  test('pages follow each other, newest first', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('manager')
    await addUsers(zimmer, 25)
    const { automationId } = await zimmer.automation()
    await subscribeAll(zimmer, automationId, 7)
    const first = (await client.get(`${URL}?limit=20`)).body
    const second = (await client.get(`${URL}?limit=20&cursor=${first.next_cursor}`)).body
    const seen = ids([...first.user_automations, ...second.user_automations])
    expect(seen).toEqual(Array.from({ length: 25 }, (_, index) => 25 - index))
    expect(second.next_cursor).toBeNull()
  })

  test('filters by status, automation and user', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('manager')
    const summarizer = await zimmer.automation()
    const alice = await zimmer.customer({ automation: summarizer })
    const bob = await zimmer.customer({ automation: summarizer })
    const carol = await zimmer.customer()
    await zimmer.app.write((tx) =>
      tx
        .updateTable('user_automations')
        .set({ status: 'paused' })
        .where('id', '=', bob.userAutomationId)
        .execute(),
    )
    const found = async (query: string) => ids((await client.get(`${URL}?${query}`)).body.user_automations)
    expect(await found('status=paused')).toEqual([bob.userAutomationId])
    expect(await found(`automation_id=${alice.automationId}`)).toEqual([
      bob.userAutomationId,
      alice.userAutomationId,
    ])
    expect(await found(`user_id=${carol.userId}`)).toEqual([carol.userAutomationId])
    expect(await found(`status=active&automation_id=${alice.automationId}&user_id=${bob.userId}`)).toEqual([])
  })

  test('customers and bad filters are refused', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('manager')
    expect((await (await zimmer.as('customer')).get(URL)).status).toBe(403)
    for (const query of ['status=gone', 'automation_id=0', 'user_id=x', 'limit=1000', 'cursor=x', 'q=1']) {
      expect((await client.get(`${URL}?${query}`)).status).toBe(422)
    }
  })
})
