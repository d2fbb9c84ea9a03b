import type { TestZimmer } from './zimmer.ts'

/** Users as plain rows, for tests that need many and none who signs in; all of the same instant. */
export async function addUsers(zimmer: TestZimmer, count: number, prefix = 'user') {
  await zimmer.app.write(async (tx) => {
    for (let from = 0; from < count; from += 500) {
      const rows = Array.from({ length: Math.min(500, count - from) }, (_, index) => ({
        email: `${prefix}${from + index}@example.com`,
        name: `${prefix} ${from + index}`,
        role: 'customer' as const,
        created_at: tx.now,
        updated_at: tx.now,
      }))
      await tx.insertInto('users').values(rows).execute()
    }
    tx.touch('users')
  })
}

/** Subscribes each customer to the automation, with that many paid tokens, as plain rows. */
export async function subscribeAll(zimmer: TestZimmer, automationId: number, tokens: number) {
  await zimmer.app.write(async (tx) => {
    const users = await tx.selectFrom('users').select('id').where('role', '=', 'customer').execute()
    const times = { created_at: tx.now, updated_at: tx.now }
    const added = await tx
      .insertInto('user_automations')
      .values(
        users.map(({ id }) => ({
          user_id: id,
          automation_id: automationId,
          status: 'active' as const,
          integration_status: 'not_configured' as const,
          ...times,
        })),
      )
      .returning('id')
      .execute()
    const lot = { kind: 'paid' as const, tokens, remaining: tokens, priority: 30, created_at: tx.now }
    await tx
      .insertInto('lots')
      .values(added.map(({ id }) => ({ ...lot, user_automation_id: id })))
      .execute()
  })
}
