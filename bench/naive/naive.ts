import type { Db } from '../../src/storage/storage.ts'

// How the first Zimmer read: all columns, and for each row of a list what belongs to it by statements of its own
// (N + 1). The answers say the same as the product's; nobody but the benchmark calls this.

const user = (db: Db, id: number) =>
  db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

const subscriptions = (db: Db, userId: number) =>
  db.selectFrom('user_automations').selectAll().where('user_id', '=', userId).execute()

const automation = (db: Db, id: number) =>
  db.selectFrom('automations').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

async function balance(db: Db, subscription: number) {
  const lots = await db
    .selectFrom('lots')
    .selectAll()
    .where('user_automation_id', '=', subscription)
    .execute()
  const left = (isDemo: boolean) =>
    lots
      .filter(({ kind, expires_at }) => (kind === 'demo') === isDemo && (expires_at ?? Infinity) > Date.now())
      .reduce((sum, { remaining }) => sum + remaining, 0)
  return { demo: left(true), paid: left(false) }
}

export async function naiveUsers(db: Db, limit: number) {
  const page = await db.selectFrom('users').select('id').orderBy('id', 'desc').limit(limit).execute()
  const users = []
  for (const { id } of page) {
    const { email, name, role } = await user(db, id)
    let tokens = 0
    const own = await subscriptions(db, id)
    for (const subscription of own) {
      const { demo, paid } = await balance(db, subscription.id)
      tokens += demo + paid
    }
    users.push({ id, email, name, role, automations_count: own.length, tokens_remaining: tokens })
  }
  return { users }
}

export async function naiveDashboard(db: Db, userId: number) {
  const { id, name, email } = await user(db, userId)
  const automations = []
  for (const subscription of await subscriptions(db, userId)) {
    const offer = await automation(db, subscription.automation_id)
    const { demo } = await balance(db, subscription.id)
    const { paid } = await balance(db, subscription.id)
    automations.push({ id: subscription.id, name: offer.name, demo_tokens: demo, paid_tokens: paid })
  }
  return { user: { id, name, email }, automations }
}

const RECENT = 10

export async function naiveUsage(db: Db, userId: number) {
  let total = 0
  for (const subscription of await subscriptions(db, userId)) {
    const { demo, paid } = await balance(db, subscription.id)
    total += demo + paid
  }
  const rows = await db
    .selectFrom('token_usage')
    .select('id')
    .where('user_id', '=', userId)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(RECENT)
    .execute()
  const recent = []
  for (const { id } of rows) {
    const usage = await db
      .selectFrom('token_usage')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    const { name } = await automation(db, usage.automation_id)
    recent.push({ id, tokens_used: usage.tokens, description: `${name}: ${usage.usage_type}` })
  }
  return { total_tokens_remaining: total, recent_usage: recent }
}
