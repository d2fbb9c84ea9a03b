import { sql } from 'kysely'
import { sleep } from '../lib/time.ts'
import type { Db, Statement, Tx } from '../storage/storage.ts'

const FACT = 'ledger_sweep'
/** Users of one statement: some milliseconds, for on SQLite nobody else is answered meanwhile. */
const USERS_AT_ONCE = 20
/** Between two statements. */
const PAUSE_MS = 50
/** Of so many runs of a minute each, so that it takes six hours and its share of a processor is the same in each. */
const RUNS = 360
/** A run, where there are not that many. */
const USERS_LEAST = 200
/** A job is held for a minute. */
const LONGEST_MS = 20_000

/** How far the proof of the ledger has come, and what it found. */
export interface Sweep {
  /** Days since 1970 UTC on which it began. */
  day: number
  /** Users up to this id are proven. */
  userId: number
  isOver: boolean
  subscriptions: number
  /** Ids of subscriptions that don't add up; the first hundred. */
  failing: number[]
}

const MOST_NAMED = 100

/**
 * Of each subscription of users in $1 < id ≤ $2, by how much it fails. To be read without the barrier of `db`: the tables
 * add up at any moment, and waiting for the last consumes would have them folded twenty times a second.
 */
export const DIFFERENCES = `with s as (
    select id from user_automations where user_id > $1 and user_id <= $2
  ), g as (
    select user_automation_id as id, sum(tokens) - sum(remaining) as gone from lots
    where user_automation_id in (select id from s) group by 1
  ), u as (
    select user_automation_id as id, sum(tokens) as used from token_usage
    where user_id > $1 and user_id <= $2 group by 1
  ), a as (
    select user_automation_id as id, -sum(delta_tokens) as taken from adjustments
    where delta_tokens < 0 and user_automation_id in (select id from s) group by 1
  )
  select s.id, cast(coalesce(gone, 0) - coalesce(used, 0) - coalesce(taken, 0) as bigint) as difference
  from s left join g on g.id = s.id left join u on u.id = s.id left join a on a.id = s.id`

type Differences = Statement<{ id: number; difference: number }>

const begun = (day: number): Sweep => ({ day, userId: 0, isOver: false, subscriptions: 0, failing: [] })

/** @returns null before the first one. */
export async function lastSweep(db: Db): Promise<Sweep | null> {
  const fact = await db.selectFrom('facts').select('value').where('name', '=', FACT).executeTakeFirst()
  return fact ? (JSON.parse(fact.value) as Sweep) : null
}

/**
 * Goes on with today's proof of granted − used − taken = Σ remaining: a 360th of all users, a few at a time.
 * `zimmer audit` proves more (the roll-ups too) and all of it at one moment; this one costs nobody anything.
 */
export async function sweepOn(db: Db, differences: Differences, day: number): Promise<Sweep> {
  const last = await lastSweep(db)
  const sweep = last && (last.day === day || !last.isOver) ? last : begun(day)
  const { newest } = await db
    .selectFrom('users')
    .select((select) => select.fn.coalesce(select.fn.max('id'), sql<number>`0`).as('newest'))
    .executeTakeFirstOrThrow()
  const until = performance.now() + LONGEST_MS
  const end = Math.min(sweep.userId + Math.max(newest / RUNS, USERS_LEAST), newest)
  while (sweep.userId < end && performance.now() < until) {
    const to = sweep.userId + USERS_AT_ONCE
    for (const { id, difference } of await differences(sweep.userId, to)) {
      sweep.subscriptions++
      if (difference !== 0 && sweep.failing.length < MOST_NAMED) sweep.failing.push(id)
    }
    sweep.userId = to
    await sleep(PAUSE_MS)
  }
  sweep.isOver = sweep.userId >= newest
  return sweep
}

export async function keepSweep(tx: Tx, sweep: Sweep) {
  await tx
    .insertInto('facts')
    .values({ name: FACT, value: JSON.stringify(sweep) })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: JSON.stringify(sweep) }))
    .execute()
}
