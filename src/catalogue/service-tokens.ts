import { randomBytes } from 'node:crypto'
import { Refusal } from '../lib/refusal.ts'
import { seal, unseal } from '../lib/sealed.ts'
import { randomToken, sha256 } from '../lib/secret.ts'
import { SECOND_MS } from '../lib/time.ts'
import type { Db, Tx } from '../storage/storage.ts'
import { holdAutomation, sealedName } from './automations.ts'

/** What a token lets its holder do. */
export const SCOPES = ['consume'] as const

/** Each live token of an automation that Zimmer can show is tried, newest first, this many at most. */
const MOST_SHOWN = 3

export interface Issue {
  automationId: number
  /** ['consume'] unless given. */
  scopes?: readonly string[]
  staffId: number | null
  /** With it a sealed copy is kept, so that Zimmer can show the token to the service when it provisions. */
  jwtSecret?: string
}

export interface IssuedToken {
  id: number
  /** `zst_<prefix>_<secret>`; nobody can read it again. */
  token: string
  prefix: string
}

/**
 * A service token, shown once: only its SHA-256 is kept, and with `jwtSecret` a sealed copy.
 *
 * @throws Refusal `no_such_automation` (missing).
 */
export async function issueServiceToken(tx: Tx, issue: Issue): Promise<IssuedToken> {
  const { automationId, scopes = SCOPES, staffId, jwtSecret } = issue
  await holdAutomation(tx, automationId)
  const prefix = randomBytes(4).toString('hex')
  const token = `zst_${prefix}_${randomToken()}`
  const { id } = await tx
    .insertInto('service_tokens')
    .values({
      automation_id: automationId,
      prefix,
      hash: sha256(token),
      scopes: scopes.join(' '),
      created_by: staffId,
      created_at: tx.now,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  if (jwtSecret) {
    const name = sealedName(id)
    await tx
      .insertInto('facts')
      .values({ name, value: seal(jwtSecret, name, token) })
      .execute()
  }
  return { id, token, prefix }
}

/**
 * A new token; those that are live until now end after the overlap.
 *
 * @param overlapSeconds 0 ends them at once.
 * @throws Refusal `no_such_automation` (missing).
 */
export async function rotateServiceTokens(tx: Tx, { overlapSeconds, ...issue }: Issue & Overlap) {
  const issued = await issueServiceToken(tx, issue)
  const end = tx.now + overlapSeconds * SECOND_MS
  const ended = await tx
    .updateTable('service_tokens')
    .set({ expires_at: end })
    .where('automation_id', '=', issue.automationId)
    .where('id', '<>', issued.id)
    .where('revoked_at', 'is', null)
    .where(({ or, eb }) => or([eb('expires_at', 'is', null), eb('expires_at', '>', end)]))
    .returning('id')
    .execute()
  await forgetDeadCopies(tx, issue.automationId)
  tx.touch('service-tokens')
  return { ...issued, endingAt: end, ending: ended.map((token) => token.id) }
}

interface Overlap {
  overlapSeconds: number
}

/** @throws Refusal `no_such_service_token` (missing): none that is not revoked already. */
export async function revokeServiceToken(tx: Tx, target: { automationId: number; tokenId: number }) {
  const revoked = await tx
    .updateTable('service_tokens')
    .set({ revoked_at: tx.now })
    .where('id', '=', target.tokenId)
    .where('automation_id', '=', target.automationId)
    .where('revoked_at', 'is', null)
    .returning(['id', 'prefix'])
    .executeTakeFirst()
  if (!revoked) {
    throw new Refusal('missing', 'no_such_service_token', 'There is no such service token, or it is revoked')
  }
  await forgetDeadCopies(tx, target.automationId)
  tx.touch('service-tokens')
  return revoked
}

/** The service tokens of an automation, newest first, without anything secret. */
export function serviceTokensPage(
  db: Db,
  page: { automationId: number; before: number | null; limit: number },
) {
  let query = db
    .selectFrom('service_tokens')
    .select([
      'id',
      'prefix',
      'scopes',
      'created_by',
      'created_at',
      'last_used_at',
      'expires_at',
      'revoked_at',
    ])
    .where('automation_id', '=', page.automationId)
  if (page.before !== null) query = query.where('id', '<', page.before)
  return query.orderBy('id', 'desc').limit(page.limit).execute()
}

/**
 * The live tokens that Zimmer may show to the automation's service, newest first: after a rotation the service
 * still has the older one until it is restarted.
 */
export async function showableTokens(
  db: Db,
  options: { automationId: number; jwtSecret: string; now: number },
): Promise<string[]> {
  const live = await db
    .selectFrom('service_tokens')
    .select('id')
    .where('automation_id', '=', options.automationId)
    .where('revoked_at', 'is', null)
    .where(({ or, eb }) => or([eb('expires_at', 'is', null), eb('expires_at', '>', options.now)]))
    .orderBy('id', 'desc')
    .limit(MOST_SHOWN)
    .execute()
  if (live.length === 0) return []
  const names = live.map((token) => sealedName(token.id))
  const facts = await db.selectFrom('facts').selectAll().where('name', 'in', names).execute()
  const copies = new Map(facts.map((fact) => [fact.name, fact.value]))
  return names
    .map((name) => unseal(options.jwtSecret, name, copies.get(name) ?? ''))
    .filter((token) => token !== null)
}

/** A token that nobody accepts any more needs no copy. */
async function forgetDeadCopies(tx: Tx, automationId: number) {
  const dead = await tx
    .selectFrom('service_tokens')
    .select('id')
    .where('automation_id', '=', automationId)
    .where(({ or, eb }) => or([eb('revoked_at', 'is not', null), eb('expires_at', '<=', tx.now)]))
    .execute()
  if (dead.length === 0) return
  const names = dead.map((token) => sealedName(token.id))
  await tx.deleteFrom('facts').where('name', 'in', names).execute()
}
