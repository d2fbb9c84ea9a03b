import { describe, expect, test } from 'bun:test'
import { sql } from 'kysely'
import { explain } from '../../test/explain.ts'
import { addUsers, subscribeAll } from '../../test/rows.ts'
import { type Sent, Statements } from '../../test/statements.ts'
import { usesBefore } from '../../test/usage.ts'
import { databases, type TestZimmer, testZimmer } from '../../test/zimmer.ts'
import { sweepSessions } from '../accounts/sessions.ts'
import { dayOf } from '../lib/time.ts'

interface World {
  zimmer: TestZimmer
  alice: Awaited<ReturnType<TestZimmer['customer']>>
  manager: Awaited<ReturnType<TestZimmer['as']>>
  /** The automation that everybody has. */
  popular: number
}

/** The plan's indexes, each with something that Zimmer does and that sends a statement which needs it. */
const PLAN: Record<string, (world: World) => Promise<unknown>> = {
  idx_users_email: ({ zimmer }) =>
    zimmer.anyone.post('/api/auth/login', { email: 'user7@example.com', password: 'not the right one' }),
  idx_users_is_active: ({ manager }) => manager.get('/api/admin/users?is_active=false'),
  idx_users_email_verified: ({ manager }) => manager.get('/api/admin/users?email_verified=true'),
  idx_user_automations_user_id: ({ alice, popular }) => alice.client.get(`/api/user/automations/${popular}`),
  idx_user_automations_status: ({ manager }) => manager.get('/api/admin/user-automations?status=paused'),
  idx_user_automations_user_status: ({ alice }) => alice.client.get('/api/user/automations/active'),
  idx_token_usage_user_id: ({ manager, alice }) => manager.get(`/api/admin/users/${alice.userId}`),
  idx_token_usage_created_at: ({ manager }) => manager.get('/api/admin/usage/stats'),
  idx_token_usage_user_created: ({ alice }) => alice.client.get('/api/user/usage'),
  idx_sessions_user_id: ({ alice }) => alice.client.get('/api/auth/sessions'),
  idx_sessions_expires_at: ({ zimmer }) => zimmer.app.write((tx) => sweepSessions(tx, 100)),
}

/** Those that keep an answer from growing with its table. */
const LISTS: typeof PLAN = {
  idx_users_standing: ({ manager }) => manager.get('/api/admin/users?role=customer&is_active=true'),
  idx_users_created_at: ({ manager }) => manager.get('/api/admin/users?sort=created_at'),
  idx_users_name_key: ({ manager }) => manager.get('/api/admin/users?sort=name&order=desc'),
  idx_users_email: ({ manager }) => manager.get('/api/admin/users?sort=email'),
  idx_user_automations_automation_status: ({ manager, popular }) =>
    manager.get(`/api/admin/user-automations?automation_id=${popular}&status=paused`),
  idx_audit_log_action: ({ manager }) => manager.get('/api/admin/audit?action=thing.rare'),
  idx_audit_log_created_at: ({ manager }) => manager.get('/api/admin/audit?from=2026-01-02&to=2026-01-03'),
  idx_adjustments_created_at: ({ manager }) =>
    manager.get('/api/admin/tokens/history?from=2026-01-02&to=2026-01-03'),
  idx_usage_days_user_automation_id: ({ alice }) => alice.client.get('/api/user/usage?range=6m'),
  idx_audit_log_target_type: ({ manager }) => manager.get('/api/admin/audit?target_type=thing'),
}
const ALL = [...Object.entries(PLAN), ...Object.entries(LISTS)]
/** Where almost all users are of the kind, PostgreSQL knows so and needs no index for it. */
const BY_STATISTICS = ['idx_users_standing']

describe.each(databases)("the plan's indexes, and those of lists, on %s", (database) => {
  test('each serves the statement that it was made for', async () => {
    const statements = new Statements()
    await using zimmer = await testZimmer(database, {
      onStatement: statements.seen,
      cachesOff: ['responses'],
    })
    const world = await busy(zimmer)
    if (database === 'postgres') await sql`analyze`.execute(zimmer.app.db)
    for (const [index, work] of ALL) {
      if (database === 'postgres' && BY_STATISTICS.includes(index)) continue
      await work(world)
      const sent = await statements.sentDuring(() => work(world))
      const plans = (await plansOf(zimmer, sent)).join('\n\n')
      const named = expect.stringMatching(new RegExp(`\\b${index}\\b`))
      expect({ index, plans }).toEqual({ index, plans: named })
    }
  })

  test('no statement behind them reads a growing table from end to end', async () => {
    const statements = new Statements()
    await using zimmer = await testZimmer(database, {
      onStatement: statements.seen,
      cachesOff: ['responses'],
    })
    const world = await busy(zimmer)
    if (database === 'postgres') await sql`analyze`.execute(zimmer.app.db)
    for (const [index, work] of ALL) {
      const plans = await plansOf(zimmer, await statements.sentDuring(() => work(world)))
      for (const plan of plans) {
        const whole = plan.split('\n').filter((step) => WHOLE_TABLE.test(step))
        expect([index, plan, whole]).toEqual([index, plan, []])
      }
    }
  })

  const plansOf = async (zimmer: TestZimmer, sent: Sent[]) => {
    const plans: string[] = []
    for (const statement of sent) {
      if (/^(select|delete|update|with)/i.test(statement.sql))
        plans.push(await explain(zimmer, database, statement))
    }
    return plans
  }
})

const WHOLE_TABLE =
  /(SCAN|Seq Scan on) (token_usage|usage|sessions|users|user_automations|subscription|lots|usage_days|audit_log|adjustments)\b(?!.*USING)/

/** Enough rows for a planner to have a choice, of which few are inactive, verified or paused. */
async function busy(zimmer: TestZimmer): Promise<World> {
  const manager = await zimmer.as('manager')
  const alice = await zimmer.customer({ paidTokens: 5_000 })
  const bob = await zimmer.customer({ paidTokens: 5_000 })
  await addUsers(zimmer, 2_000)
  const { automationId: popular } = await zimmer.automation()
  await subscribeAll(zimmer, popular, 7)
  await addCancelled(zimmer, [alice.userId, ...Array.from({ length: 100 }, (_, index) => 100 + index)])
  const at = zimmer.clock.now()
  const uses = Array.from({ length: 1_500 }, (_, index) => ({ tokens: 1, at: at - index * 60_000 }))
  await usesBefore(zimmer, alice, uses.slice(0, 100))
  await usesBefore(zimmer, bob, uses)
  await zimmer.app.write(async (tx) => {
    await tx.updateTable('users').set({ is_active: 0 }).where('id', 'in', [10, 11]).execute()
    await tx.updateTable('users').set({ email_verified: 1 }).where('id', 'in', [12, 13]).execute()
    await tx.updateTable('user_automations').set({ status: 'paused' }).where('id', 'in', [20, 21]).execute()
    const users = await tx.selectFrom('users').select('id').execute()
    const session = { created_at: at, last_used_at: at, expires_at: at + 86_400_000 }
    await tx
      .insertInto('sessions')
      .values(users.map(({ id }) => ({ ...session, user_id: id })))
      .execute()
  })
  await zimmer.app.write(async (tx) => {
    for (let ago = 1; ago <= 20; ago++) {
      await sql`insert into usage_days (day, user_automation_id, tokens, events)
        select ${dayOf(at) - ago}, id, 0, 0 from user_automations where true on conflict do nothing`.execute(
        tx,
      )
    }
  })
  await zimmer.app.write(async (tx) => {
    const entry = { staff_id: null, target_id: 1, created_at: tx.now }
    const kinds = ['user.role', 'automation.update', 'tokens.adjust']
    const entries = Array.from({ length: 2_000 }, (_, index) => {
      const action = index % 100 === 0 ? 'thing.rare' : (kinds[index % 3] as string)
      return { ...entry, action, target_type: action.split('.')[0] as string }
    })
    for (let from = 0; from < entries.length; from += 500) {
      await tx
        .insertInto('audit_log')
        .values(entries.slice(from, from + 500))
        .execute()
    }
  })
  return { zimmer, alice, manager, popular }
}

/** Subscribes the customers to forty automations that they then gave up. */
async function addCancelled(zimmer: TestZimmer, userIds: readonly number[]) {
  await zimmer.app.write(async (tx) => {
    const times = { created_at: tx.now, updated_at: tx.now }
    const some = { description: '', pricing_type: 'flat_fee', price_per_token: 1, currency: 'USD' } as const
    const automations = await tx
      .insertInto('automations')
      .values(
        Array.from({ length: 40 }, (_, index) => ({
          ...some,
          ...times,
          name: `Old ${index}`,
          demo_tokens: 0,
        })),
      )
      .returning('id')
      .execute()
    const state = { status: 'cancelled', integration_status: 'not_configured' } as const
    for (const { id } of automations) {
      await tx
        .insertInto('user_automations')
        .values(userIds.map((user_id) => ({ ...state, ...times, user_id, automation_id: id })))
        .execute()
    }
  })
}
