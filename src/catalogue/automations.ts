import { sql } from 'kysely'
import { Refusal } from '../lib/refusal.ts'
import type { Db, Tx } from '../storage/storage.ts'
import type { HealthStatus } from '../storage/tables.ts'
import { columnsOf, type NewAutomation, refuseBadValues } from './fields.ts'

export type AutomationRow = Awaited<ReturnType<typeof holdAutomation>>

const nameTaken = () =>
  new Refusal('conflict', 'automation_name_taken', 'There is an automation of this name already')

/**
 * @throws Refusal `automation_name_taken` (conflict).
 * @throws Refusal `invalid_input` (invalid): a URL that is none, an unknown currency.
 */
export async function createAutomation(tx: Tx, automation: NewAutomation): Promise<{ id: number }> {
  const values = {
    ...columnsOf(automation),
    currency: automation.currency ?? 'USD',
    demo_tokens: automation.demoTokens ?? 5,
    is_listed: automation.isListed === false ? (0 as const) : (1 as const),
  }
  refuseBadValues(values)
  await takeTurnsNaming(tx)
  const row = await tx
    .insertInto('automations')
    .values({
      ...values,
      name: automation.name,
      description: automation.description,
      pricing_type: automation.pricingType,
      price_per_token: automation.pricePerToken,
      created_at: tx.now,
      updated_at: tx.now,
    })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!row) throw nameTaken()
  tx.touch('automations')
  return row
}

export interface Change {
  /** The changed columns as they were, and as they are. */
  before: Partial<AutomationRow>
  after: Partial<AutomationRow>
}

/**
 * Changes what is given. Another health check URL makes the health unknown: what was seen belonged to the old one.
 *
 * @returns null when nothing differs.
 * @throws Refusal `no_such_automation` (missing), `automation_name_taken` (conflict), `invalid_input` (invalid).
 */
export async function updateAutomation(
  tx: Tx,
  id: number,
  changes: Partial<NewAutomation>,
): Promise<Change | null> {
  const wanted = columnsOf(changes)
  refuseBadValues(wanted)
  if (wanted.name !== undefined) await takeTurnsNaming(tx)
  const held = await holdAutomation(tx, id)
  const names = (Object.keys(wanted) as (keyof typeof wanted)[]).filter((key) => wanted[key] !== held[key])
  if (names.length === 0) return null
  if (names.includes('name')) await refuseTakenName(tx, id, wanted.name as string)
  const unseen = { health_status: 'unknown', health_details: null, last_health_at: null } as const
  await tx
    .updateTable('automations')
    .set({ ...wanted, ...(names.includes('health_check_url') ? unseen : {}), updated_at: tx.now })
    .where('id', '=', id)
    .execute()
  tx.touch('automations', `automation:${id}`)
  const pick = (from: Partial<AutomationRow>) => Object.fromEntries(names.map((name) => [name, from[name]]))
  return { before: pick(held), after: pick(wanted as Partial<AutomationRow>) }
}

/**
 * Deletes what nobody ever added, with its service tokens.
 *
 * @returns the automation as it was.
 * @throws Refusal `no_such_automation` (missing), `automation_in_use` (conflict).
 */
export async function deleteAutomation(tx: Tx, id: number): Promise<AutomationRow> {
  const held = await holdAutomation(tx, id)
  const tokens = tx.selectFrom('service_tokens').select('id').where('automation_id', '=', id)
  const names = (await tokens.execute()).map((token) => sealedName(token.id))
  const { numDeletedRows } = await tx
    .deleteFrom('automations')
    .where('id', '=', id)
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('user_automations').select('id').where('automation_id', '=', id))),
    )
    .executeTakeFirst()
  if (numDeletedRows === 0n) {
    const message = 'Customers have added this automation; unlist it instead'
    throw new Refusal('conflict', 'automation_in_use', message)
  }
  if (names.length > 0) await tx.deleteFrom('facts').where('name', 'in', names).execute()
  tx.touch('automations', `automation:${id}`, 'service-tokens')
  return held
}

/**
 * Reads the automation and keeps everybody else from changing, deleting or adding it until the transaction ends.
 *
 * @throws Refusal `no_such_automation` (missing).
 */
export async function holdAutomation(tx: Tx, id: number) {
  const row = await tx
    .updateTable('automations')
    .set(({ ref }) => ({ updated_at: ref('updated_at') }))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst()
  if (!row) throw noSuchAutomation()
  return row
}

/** @throws Refusal `no_such_automation` (missing). */
export async function findAutomation(db: Db | Tx, id: number): Promise<AutomationRow> {
  const row = await db.selectFrom('automations').selectAll().where('id', '=', id).executeTakeFirst()
  if (!row) throw noSuchAutomation()
  return row
}

export interface AutomationFilters {
  /** Anywhere in the name, in any case. */
  search?: string
  isListed?: boolean
  healthStatus?: HealthStatus
  /** Goes on below this id. */
  before: number | null
  limit: number
}

/** For staff, newest first. */
export function automationsPage(
  db: Db,
  { search, isListed, healthStatus, before, limit }: AutomationFilters,
) {
  let query = db.selectFrom('automations').selectAll()
  if (before !== null) query = query.where('id', '<', before)
  if (isListed !== undefined) query = query.where('is_listed', '=', isListed ? 1 : 0)
  if (healthStatus !== undefined) query = query.where('health_status', '=', healthStatus)
  if (search !== undefined) {
    const pattern = `%${search.replace(/[\\%_]/g, '\\$&')}%`
    query = query.where(sql<boolean>`lower(name) like lower(${pattern}) escape '\\'`)
  }
  return query.orderBy('id', 'desc').limit(limit).execute()
}

export const noSuchAutomation = () =>
  new Refusal('missing', 'no_such_automation', 'There is no such automation')

/** The name of the fact that has a token's sealed copy. */
export const sealedName = (tokenId: number) => `service_token:${tokenId}`

/** One at a time until the end of the transaction, so that a look at the names taken stays true. */
async function takeTurnsNaming(tx: Tx) {
  await tx
    .insertInto('facts')
    .values({ name: 'lock:automation_names', value: '' })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: '' }))
    .execute()
}

async function refuseTakenName(tx: Tx, id: number, name: string) {
  const other = tx.selectFrom('automations').select('id').where('name', '=', name).where('id', '<>', id)
  if (await other.executeTakeFirst()) throw nameTaken()
}
