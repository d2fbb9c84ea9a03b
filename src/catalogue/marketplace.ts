import Type from 'typebox'
import { iso } from '../lib/time.ts'
import type { Db } from '../storage/storage.ts'
import type { AutomationsTable, HealthStatus } from '../storage/tables.ts'
import { noSuchAutomation } from './automations.ts'

export const HealthStatusName = Type.Enum(['unknown', 'healthy', 'degraded', 'unhealthy'])

/** An automation as everybody may see it: nothing of where it runs. */
export const PublicAutomation = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  description: Type.String(),
  pricing_type: Type.String(),
  price_per_token: Type.Integer({ description: 'Minor units of the currency' }),
  currency: Type.String(),
  demo_tokens: Type.Integer({ description: 'Given once to each customer who adds it' }),
  health_status: HealthStatusName,
  is_listed: Type.Boolean(),
  created_at: Type.String(),
})

const COLUMNS = [
  'id',
  'name',
  'description',
  'pricing_type',
  'price_per_token',
  'currency',
  'demo_tokens',
  'health_status',
  'is_listed',
  'created_at',
] as const

type Shown = Pick<
  AutomationsTable,
  Exclude<(typeof COLUMNS)[number], 'id' | 'health_status' | 'is_listed'>
> & {
  id: number
  health_status: HealthStatus
  is_listed: 0 | 1
}

export const publicAutomation = (row: Shown) => ({
  id: row.id,
  name: row.name,
  description: row.description,
  pricing_type: row.pricing_type,
  price_per_token: row.price_per_token,
  currency: row.currency,
  demo_tokens: row.demo_tokens,
  health_status: row.health_status,
  is_listed: row.is_listed === 1,
  created_at: iso(row.created_at),
})

/** What is on sale: listed and healthy, in order of id. */
export function listedAutomations(db: Db, { after, limit }: { after: number | null; limit: number }) {
  return onSale(db)
    .where('id', '>', after ?? 0)
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** @throws Refusal `no_such_automation` (missing): none, or not on sale. */
export async function listedAutomation(db: Db, id: number) {
  const row = await onSale(db).where('id', '=', id).executeTakeFirst()
  if (!row) throw noSuchAutomation()
  return row
}

const onSale = (db: Db) =>
  db
    .selectFrom('automations')
    .select(COLUMNS)
    .where('is_listed', '=', 1)
    .where('health_status', '=', 'healthy')
