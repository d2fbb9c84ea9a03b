import type { RawBuilder } from 'kysely'
import { cut, type TimeKey } from '../lib/keyset.ts'
import { iso } from '../lib/time.ts'
import { type Given, prepared } from '../storage/prepared.ts'
import type { Db } from '../storage/storage.ts'

const usageRows = (db: Db, userId: number | RawBuilder<number>) =>
  db
    .selectFrom('token_usage as usage')
    .leftJoin('automations', 'automations.id', 'usage.automation_id')
    .select(['usage.id', 'usage.created_at', 'usage.tokens', 'usage.usage_type'])
    .select(['usage.meta', 'usage.reverses_id', 'automations.name as automation'])
    .where('usage.user_id', '=', userId)

type UsageRow = Awaited<ReturnType<ReturnType<typeof usageRows>['execute']>>[number]

export interface Usage {
  id: number
  /** Negative for the reversal of an earlier usage. */
  tokens_used: number
  usage_type: string
  /** `Summarizer: summary`, in words that a customer can read. */
  description: string
  /** ISO 8601. */
  created_at: string
}

function shown({ id, tokens, usage_type, automation, reverses_id, created_at }: UsageRow): Usage {
  const what = reverses_id === null ? usage_type : `${usage_type}, reversal of usage ${reverses_id}`
  return {
    id,
    tokens_used: tokens,
    usage_type,
    description: `${automation ?? 'Automation'}: ${what}`,
    created_at: iso(created_at),
  }
}

interface UsagePage {
  limit: number
  after?: TimeKey | null
  /** Only what was used from one instant up to another, milliseconds UTC. */
  range?: { from: number; before: number }
}

const selectPage = prepared(
  (
    db,
    given: Given<{ userId: number; from: number; before: number; at: number; id: number }>,
    { inRange, goesOn, limit }: { inRange: boolean; goesOn: boolean; limit: number },
  ) =>
    usageRows(db, given('userId'))
      .$if(inRange, (query) =>
        query.where('usage.created_at', '>=', given('from')).where('usage.created_at', '<', given('before')),
      )
      .$if(goesOn, (query) =>
        query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('usage.created_at', 'usage.id'), '<', tuple(given('at'), given('id'))),
        ),
      )
      .orderBy('usage.created_at', 'desc')
      .orderBy('usage.id', 'desc')
      .limit(limit),
)

/** A customer's usage newest first, a page at a time. */
export async function usagePage(db: Db, userId: number, { limit, after = null, range }: UsagePage) {
  const values = {
    userId,
    from: range?.from ?? 0,
    before: range?.before ?? 0,
    at: after?.at ?? 0,
    id: after?.id ?? 0,
  }
  const found = await selectPage(db, values, { inRange: !!range, goesOn: !!after, limit: limit + 1 })
  const { rows, last } = cut(found, limit)
  const next: TimeKey | null = last && { at: last.created_at, id: last.id }
  return { usage: rows.map(shown), next }
}

/** A customer's usage from one instant up to another, oldest first, for whoever reads all of it in pages. */
export async function usageBetween(
  db: Db,
  userId: number,
  { from, before, after, limit }: { from: number; before: number; after: TimeKey | null; limit: number },
): Promise<UsageRow[]> {
  let query = usageRows(db, userId)
    .where('usage.created_at', '<', before)
    .orderBy('usage.created_at')
    .orderBy('usage.id')
    .limit(limit)
  if (after) {
    const { at, id } = after
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('usage.created_at', 'usage.id'), '>', tuple(at, id)),
    )
  } else query = query.where('usage.created_at', '>=', from)
  return query.execute()
}

/** A customer's last reversals, newest usage first. */
export async function recentReversals(db: Db, userId: number, limit: number): Promise<Usage[]> {
  return (await selectReversals(db, { userId }, { limit })).map(shown)
}

const selectReversals = prepared((db, given: Given<{ userId: number }>, { limit }: { limit: number }) =>
  usageRows(db, given('userId'))
    .where('usage.reverses_id', 'is not', null)
    .orderBy('usage.reverses_id', 'desc')
    .limit(limit),
)

/** The newest usage of all customers. */
export async function newestUsage(db: Db, limit: number) {
  const rows = await db
    .selectFrom('token_usage as usage')
    .leftJoin('automations', 'automations.id', 'usage.automation_id')
    .select(['usage.id', 'usage.created_at', 'usage.tokens', 'usage.usage_type'])
    .select(['usage.meta', 'usage.reverses_id', 'automations.name as automation', 'usage.user_id'])
    .orderBy('usage.created_at', 'desc')
    .orderBy('usage.id', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ ...shown(row), user_id: row.user_id }))
}
