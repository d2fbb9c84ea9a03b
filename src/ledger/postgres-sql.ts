import type { LotKind } from '../storage/tables.ts'
import { EARLIER_COLUMNS, type Earlier } from './entry.ts'

// The statements of PostgresConsumption. Lists travel as one parameter, whatever their length: numbers as an array,
// for the planner then expects few and walks indexes (of JSON it expects a hundred, and reads whole tables), rows as
// JSON.

/** PostgreSQL's text of an array of numbers. */
export const arrayOf = (numbers: Iterable<number>) => `{${[...numbers].join(',')}}`

export type LotRow = {
  user_automation_id: number
  id: number
  kind: LotKind
  remaining: number
  priority: number
  expires_at: number | null
}
export type AccountRow = { id: number; user_id: number; automation_id: number; is_active: boolean }
export type EarlierRow = Earlier & { automationId: number; key: string }

/**
 * With LOCK, whoever changes a balance takes the same lock first, in the order of the ids. The lots are read by a
 * statement of its own after it: a statement sees what was committed when it began.
 */
export const ACCOUNTS = `select s.id, s.user_id, s.automation_id, (s.status = 'active' and u.is_active = 1) as is_active
  from user_automations s join users u on u.id = s.user_id where s.id = any($1::text::bigint[]) order by s.id`

export const LOCK = 'for no key update of s'

export const LOTS = `select l.user_automation_id, l.id, l.kind, l.remaining, l.priority, l.expires_at from lots l
  where l.user_automation_id = any($1::text::bigint[]) and l.remaining > 0`

export const EARLIER = `select used.* from json_array_elements($1::text::json) pair
  cross join lateral (
    select automation_id as "automationId", idempotency_key as key, ${EARLIER_COLUMNS} from token_usage
    where automation_id = (pair->>0)::bigint and idempotency_key = pair->>1 limit 1) used`

/** Everything that a group changes, as one statement. */
export const write = (hour: number) => `with
used as (
  insert into token_usage (id, user_automation_id, user_id, automation_id, tokens, usage_type, lot_id, split,
    demo_after, paid_after, idempotency_key, meta, occurred_at, created_at)
  select * from json_to_recordset($1::text::json) as row (id bigint, user_automation_id bigint, user_id bigint,
    automation_id bigint, tokens bigint, usage_type text, lot_id bigint, split text, demo_after bigint,
    paid_after bigint, idempotency_key text, meta text, occurred_at bigint, created_at bigint)
),
burned as (
  update lots set remaining = remaining - taken.tokens
  from unnest($2::text::bigint[], $3::text::bigint[]) taken(id, tokens) where lots.id = taken.id
),
by_day as (
  insert into usage_days as kept (day, user_automation_id, tokens, events, h${hour})
  select $6::bigint, (row->>0)::bigint, (row->>1)::bigint, (row->>2)::bigint, (row->>1)::bigint
  from json_array_elements($4::text::json) row
  on conflict (day, user_automation_id) do update set tokens = kept.tokens + excluded.tokens,
    events = kept.events + excluded.events, h${hour} = kept.h${hour} + excluded.h${hour}
)
insert into usage_totals as kept (day, automation_id, slot, tokens, events, h${hour})
select $6::bigint, (row->>0)::bigint, $7::bigint, (row->>1)::bigint, (row->>2)::bigint, (row->>1)::bigint
from json_array_elements($5::text::json) row
on conflict (day, automation_id, slot) do update set tokens = kept.tokens + excluded.tokens,
  events = kept.events + excluded.events, h${hour} = kept.h${hour} + excluded.h${hour}`
