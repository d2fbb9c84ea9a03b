import { Refusal } from '../lib/refusal.ts'
import { randomToken, sha256 } from '../lib/secret.ts'
import type { Db, Tx } from '../storage/storage.ts'
import { createStaff } from './managers.ts'

const FACT = 'setup_token'

async function hasManager(db: Db | Tx) {
  const manager = await db
    .selectFrom('users')
    .select('id')
    .where('role', '=', 'manager')
    .where('is_active', '=', 1)
    .limit(1)
    .executeTakeFirst()
  return manager !== undefined
}

/**
 * A secret that makes the first manager, once, instead of the one of an earlier start. Only its SHA-256 is kept.
 *
 * @returns null when there is an active manager: nobody needs it.
 */
export async function setupToken(tx: Tx): Promise<string | null> {
  if (await hasManager(tx)) return null
  const token = randomToken()
  const value = sha256(token)
  await tx
    .insertInto('facts')
    .values({ name: FACT, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute()
  return token
}

const setupTokenInvalid = () =>
  new Refusal(
    'unauthenticated',
    'setup_token_invalid',
    'This link was used already or is none of ours: take the one that the last start printed',
  )

/** Before a password is hashed for it. @throws Refusal `setup_token_invalid` (unauthenticated). */
export async function checkSetupToken(db: Db, token: string) {
  const fact = await db
    .selectFrom('facts')
    .select('name')
    .where('name', '=', FACT)
    .where('value', '=', sha256(token))
    .executeTakeFirst()
  if (!fact) throw setupTokenInvalid()
}

/**
 * Makes the first manager and uses the token up.
 *
 * @throws Refusal `setup_token_invalid` (unauthenticated), `email_taken` (conflict).
 * @throws Refusal invalid, naming the field.
 */
export async function createFirstManager(
  tx: Tx,
  token: string,
  manager: { email: string; name: string; passwordHash: string },
  { ip, requestId }: { ip: string; requestId: string },
) {
  const { numDeletedRows } = await tx
    .deleteFrom('facts')
    .where('name', '=', FACT)
    .where('value', '=', sha256(token))
    .executeTakeFirstOrThrow()
  if (numDeletedRows === 0n || (await hasManager(tx))) throw setupTokenInvalid()
  return createStaff(tx, { ...manager, role: 'manager' }, { staffId: null, ip, requestId })
}
