/**
 * The limit on PostgreSQL: groups of consumes as one statement over arrays, on a few connections at once. It locks
 * the lots in the order of their ids, passes over keys that are there already, and writes usage, lots and roll-ups.
 * Reads a `RawOrder` from stdin, writes a `RawResult` to stdout.
 */
import { SQL } from 'bun'
import { dayOf, hourOf } from '../src/lib/time.ts'
import { automationOf, picker, type Size, userOf } from './population.ts'
import type { RawOrder, RawResult } from './raw-sqlite.ts'

const grouped = (hour: string) => `with event as (
  select * from unnest($1::text::bigint[], $2::text::bigint[], $3::text::bigint[], $4::text::text[])
    as event(subscription, user_id, automation_id, key)
), held as (
  select l.id, l.user_automation_id, l.remaining from lots l
  where l.user_automation_id in (select subscription from event) and l.remaining > 0 and l.kind = 'paid'
  order by l.id for update
), used as (
  insert into token_usage (id, user_automation_id, user_id, automation_id, tokens, usage_type, lot_id, demo_after,
    paid_after, idempotency_key, created_at)
  select nextval('raw_usage_id'), e.subscription, e.user_id, e.automation_id, 1, 'bench', h.id, 0,
    h.remaining - row_number() over (partition by e.subscription), e.key, $5::bigint
  from event e join held h on h.user_automation_id = e.subscription
  on conflict (automation_id, idempotency_key) where idempotency_key is not null do nothing
  returning user_automation_id, automation_id, lot_id, tokens
), burned as (
  update lots set remaining = remaining - taken.tokens
  from (select lot_id, sum(tokens)::bigint as tokens from used group by 1) taken where lots.id = taken.lot_id
), by_day as (
  insert into usage_days as kept (day, user_automation_id, tokens, events, ${hour})
  select $6::bigint, user_automation_id, sum(tokens), count(*), sum(tokens) from used group by 2 order by 2
  on conflict (day, user_automation_id) do update set tokens = kept.tokens + excluded.tokens,
    events = kept.events + excluded.events, ${hour} = kept.${hour} + excluded.${hour}
), by_automation as (
  insert into usage_totals as kept (day, automation_id, slot, tokens, events, ${hour})
  select $6::bigint, automation_id, $7::bigint, sum(tokens), count(*), sum(tokens) from used group by 2 order by 2
  on conflict (day, automation_id, slot) do update set tokens = kept.tokens + excluded.tokens,
    events = kept.events + excluded.events, ${hour} = kept.${hour} + excluded.${hour}
)
select count(*)::int as count from used`

/** Slots that no server of the benchmark takes. */
const FIRST_SLOT = 100

function groupOf(size: Size, pick: { any(): number }, count: number) {
  const subscriptions = Array.from({ length: count }, () => pick.any())
  const list = (values: (number | string)[]) => `{${values.join(',')}}`
  return [
    list(subscriptions),
    list(subscriptions.map((id) => userOf(id, size))),
    list(subscriptions.map((id) => automationOf(id, size))),
    list(subscriptions.map(() => Bun.randomUUIDv7())),
  ]
}

export async function runRaw(order: RawOrder): Promise<RawResult> {
  const { database, size, seed, seconds, group, connections } = order
  const sql = new SQL({ url: database, max: connections, connection: { synchronous_commit: 'on' } })
  await sql.unsafe(`create sequence if not exists raw_usage_id start 1000000000 cache 1000`)
  const pick = picker(size, 'zipf', seed)
  const startedAt = performance.now()
  let events = 0
  const worker = async (slot: number) => {
    const connection = await sql.reserve()
    while (performance.now() - startedAt < seconds * 1_000) {
      const now = Date.now()
      const statement = grouped(`h${hourOf(now)}`)
      const values = [...groupOf(size, pick, group), now, dayOf(now), FIRST_SLOT + slot]
      const [row] = (await connection.unsafe(statement, values)) as [{ count: number }]
      if (row.count !== group) throw new Error(`only ${row.count} of ${group} events were written`)
      events += row.count
    }
    connection.release()
  }
  await Promise.all(Array.from({ length: connections }, (_, slot) => worker(slot)))
  const took = (performance.now() - startedAt) / 1_000
  await sql.close()
  return { events, seconds: took }
}

if (import.meta.main) {
  console.log(JSON.stringify(await runRaw(JSON.parse(await Bun.stdin.text()) as RawOrder)))
}
