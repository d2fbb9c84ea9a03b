import { createStaff, revokeSessions } from '../accounts/accounts.ts'
import { createAutomation } from '../catalogue/catalogue.ts'
import { DAY_MS } from '../lib/time.ts'
import type { Db, Tx } from '../storage/storage.ts'
import type { Role } from '../storage/tables.ts'
import { CUSTOMERS, OFFERS, STAFF, SUMMARIZER } from './cast.ts'
import { type Lived, type Sold, writeAdjustments, writeLots, writeUsage } from './ledger-rows.ts'
import { live } from './life.ts'
import { Random } from './random.ts'

/** The email of a made-up customer. */
export function addressOf(mailbox: string) {
  return `${mailbox}@customers.example`
}

const SEED = 20_26
const HISTORY_DAYS = 180
const FACT = 'demo'
/** Whose sign-ins are printed: all of staff, and a customer of each language. */
const SHOWN_CUSTOMERS = CUSTOMERS.slice(0, 2).map(([, mailbox]) => addressOf(mailbox))
export const SIGN_INS = [...STAFF.map(({ email }) => email), ...SHOWN_CUSTOMERS]

/** `demo`, `other` when real people use this database, or `empty`. */
export async function contentsOf(db: Db): Promise<'demo' | 'other' | 'empty'> {
  const fact = await db.selectFrom('facts').select('value').where('name', '=', FACT).executeTakeFirst()
  if (fact) return 'demo'
  const user = await db.selectFrom('users').select('id').limit(1).executeTakeFirst()
  return user ? 'other' : 'empty'
}

/**
 * Fills an empty database with half a year of a small agency's business, so that the ledger's invariant holds.
 *
 * @param onRows how many rows of usage are written, of how many.
 */
export async function makeDemoData(tx: Tx, onRows: (done: number, total: number) => void = () => {}) {
  const random = new Random(SEED)
  const staffIds = await hireStaff(tx)
  const offers = await openShop(tx)
  const customers = await enrol(tx, random)
  const lives = await subscribeAll(tx, random, { offers, customers })
  await writeUsage(tx, lives, await writeLots(tx, lives), onRows)
  await writeAdjustments(tx, lives, staffIds)
  await tx.insertInto('facts').values({ name: FACT, value: '1' }).execute()
}

/**
 * Gives the printed sign-ins other passwords; whoever had the old ones is signed out.
 *
 * @param hashes argon2id, by email.
 */
export async function setSignIns(tx: Tx, hashes: ReadonlyMap<string, string>) {
  const users: { role: Role; name: string; email: string }[] = []
  for (const [email, hash] of hashes) {
    const { id, ...user } = await tx
      .updateTable('users')
      .set({ password_hash: hash, is_active: 1 })
      .where('email', '=', email)
      .returning(['id', 'role', 'name', 'email'])
      .executeTakeFirstOrThrow()
    await revokeSessions(tx, { userId: id, reason: 'password_changed' })
    tx.touch(`user:${id}`)
    users.push(user)
  }
  return users
}

async function hireStaff(tx: Tx) {
  const ids: number[] = []
  for (const person of STAFF) {
    // Nobody signs in with this; the printed passwords come after.
    const { id } = await createStaff(tx, { ...person, passwordHash: '' }, { staffId: ids[0] ?? null })
    ids.push(id)
  }
  const since = tx.now - (HISTORY_DAYS + 20) * DAY_MS
  await tx.updateTable('users').set({ created_at: since, email_verified: 1 }).execute()
  return ids
}

async function openShop(tx: Tx): Promise<Sold[]> {
  const sold: Sold[] = []
  for (const { tokensAtOnce, perDay, usageType, ...automation } of OFFERS) {
    const { id } = await createAutomation(tx, automation)
    sold.push({ ...automation, tokensAtOnce, perDay, usageType, id })
  }
  const created_at = tx.now - (HISTORY_DAYS + 10) * DAY_MS
  await tx.updateTable('automations').set({ health_status: 'healthy', created_at }).execute()
  tx.touch('automations')
  return sold
}

interface Customer {
  id: number
  since: number
  persian: boolean
}

async function enrol(tx: Tx, random: Random): Promise<Customer[]> {
  const people = CUSTOMERS.map(([name, mailbox, persian = false], index) => {
    // Later ones came later; the last a few days ago.
    const share = (index + random.next()) / CUSTOMERS.length
    const since = Math.round(tx.now - HISTORY_DAYS * DAY_MS * (1 - share * 0.97))
    return { name, email: addressOf(mailbox), persian, since }
  })
  const rows = people.map(({ name, email, since }) => ({
    name,
    email,
    role: 'customer' as const,
    is_active: random.chance(0.96) ? (1 as const) : (0 as const),
    email_verified: random.chance(0.8) ? (1 as const) : (0 as const),
    created_at: since,
    updated_at: since,
  }))
  const made = await tx.insertInto('users').values(rows).returning(['id', 'email']).execute()
  const ids = new Map(made.map(({ id, email }) => [email, id]))
  return people.map(({ email, since, persian }) => ({ id: ids.get(email) ?? 0, since, persian }))
}

async function subscribeAll(
  tx: Tx,
  random: Random,
  { offers, customers }: { offers: Sold[]; customers: Customer[] },
): Promise<Lived[]> {
  const lived: Lived[] = []
  for (const [index, customer] of customers.entries()) {
    const isShown = index < SHOWN_CUSTOMERS.length
    // Who never pays is soon out of tokens: nothing to see.
    const pays = random.chance(0.85) || isShown
    for (const offer of choose(random, offers, isShown)) {
      const since = Math.round(customer.since + random.next() ** 2 * (tx.now - customer.since) * 0.5)
      const zeal = 0.6 + random.next() * 2.8
      const subscriber = { offer, since, until: tx.now - 1, persian: customer.persian, zeal, pays }
      const status = random.weighted([92, 5, 3])
      const { id } = await tx
        .insertInto('user_automations')
        .values({
          user_id: customer.id,
          automation_id: offer.id,
          status: (['active', 'paused', 'cancelled'] as const)[status] ?? 'active',
          integration_status: offer.name === SUMMARIZER ? 'not_configured' : 'connected',
          provisioned_at: offer.name === SUMMARIZER ? null : since,
          created_at: since,
          updated_at: since,
        })
        .returning('id')
        .executeTakeFirstOrThrow()
      lived.push({ id, userId: customer.id, offer, life: live(random, subscriber) })
    }
  }
  return lived
}

/** One to five; the customers whose sign-ins are printed have the summarizer for certain. */
function choose(random: Random, offers: Sold[], isShown: boolean): Sold[] {
  const count = 1 + random.weighted([3, 4, 3, 2, 1])
  const shuffled = offers.map((offer) => ({ offer, at: random.next() })).sort((a, b) => a.at - b.at)
  const chosen = shuffled.slice(0, count).map(({ offer }) => offer)
  const [summarizer] = offers
  return isShown && summarizer ? [...new Set([summarizer, ...chosen])] : chosen
}
