import { sql } from 'kysely'
import type { Db } from '../storage/storage.ts'
import { unhurried } from '../storage/unhurried.ts'

/** A subscription whose numbers don't add up; tokens. */
export interface AuditFailure {
  user_automation_id: number
  /** Came in: Σ of the lots. */
  granted: number
  /** Σ of the usage rows, reversals subtracted. */
  used: number
  /** Taken by negative adjustments. */
  taken: number
  /** Σ of what remains of the lots, expired ones too. */
  remaining: number
  /** Σ of the daily roll-ups; should equal `used`. */
  rolled_up: number
  /** granted − used − taken − remaining: by how much the invariant fails. */
  difference: number
}

export interface AuditReport {
  accounts: number
  usageRows: number
  failures: AuditFailure[]
}

const MOST_FAILURES = 1_000

/**
 * Proves the invariant for every subscription: granted − used − taken = Σ remaining (what expired is still in the
 * lots, and counts no more by its date), and the roll-ups tell the same story as the usage rows. One statement, so
 * everything is of one moment; its cost grows with the tables.
 */
export const auditLedger = (db: Db): Promise<AuditReport> => unhurried(db, audit)

async function audit(db: Db): Promise<AuditReport> {
  const { rows: failures } = await sql<AuditFailure>`
    with g as (
      select user_automation_id as id, sum(tokens) as granted, sum(remaining) as remaining from lots group by 1
    ), u as (
      select user_automation_id as id, sum(tokens) as used from token_usage group by 1
    ), a as (
      select user_automation_id as id, -sum(delta_tokens) as taken from adjustments where delta_tokens < 0 group by 1
    ), d as (
      select user_automation_id as id, sum(tokens) as rolled_up from usage_days group by 1
    ), ids as (
      select id from user_automations union select id from g union select id from u union select id from d
    ), sums as (
      select ids.id as user_automation_id,
        cast(coalesce(granted, 0) as bigint) as granted, cast(coalesce(used, 0) as bigint) as used,
        cast(coalesce(taken, 0) as bigint) as taken, cast(coalesce(remaining, 0) as bigint) as remaining,
        cast(coalesce(rolled_up, 0) as bigint) as rolled_up
      from ids left join g on g.id = ids.id left join u on u.id = ids.id
      left join a on a.id = ids.id left join d on d.id = ids.id
    )
    select *, granted - used - taken - remaining as difference from sums
    where granted - used - taken <> remaining or used <> rolled_up or remaining < 0
    order by user_automation_id limit ${MOST_FAILURES}`.execute(db)
  const { rows: counts } = await sql<{ accounts: number; usage: number }>`
    select (select count(*) from user_automations) as accounts, (select count(*) from token_usage) as usage`.execute(
    db,
  )
  return { accounts: counts[0]?.accounts ?? 0, usageRows: counts[0]?.usage ?? 0, failures }
}
