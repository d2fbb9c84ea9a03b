import type { LotKind } from '../storage/tables.ts'
import { EARLIER_COLUMNS, type Earlier } from './entry.ts'

// The statements of PostgresConsumption. Lists travel as JSON: one parameter, whatever their length.

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

/** Of the subscriptions that a group is about. */
const IDS = 'select value::bigint from json_array_elements_text($1::text::json)'

/**
 * With LOCK, whoever changes a balance takes the same lock first, in the order of the ids. The lots are read by a
 * statement of its own after it: a statement sees what was committed when it began.
 */
export const ACCOUNTS = `select s.id, s.user_id, s.automation_id, (s.status = 'active' and u.is_active = 1) as is_active
  from user_automations s join users u on u.id = s.user_id where s.id in (${IDS}) order by s.id`

export const LOCK = 'for no key update of s'

export const LOTS = `select l.user_automation_id, l.id, l.kind, l.remaining, l.priority, l.expires_at from lots l
  where l.user_automation_id in (${IDS}) and l.remaining > 0`

export const EARLIER = `select automation_id as "automationId", idempotency_key as key, ${EARLIER_COLUMNS} from token_usage
  where (automation_id, idempotency_key) in (
    select (pair->>0)::bigint, pair->>1 from json_array_elements($1::text::json) pair)`

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
  update lots set remaining = remaining - (taken.pair->>1)::bigint
  from json_array_elements($2::text::json) taken(pair) where lots.id = (taken.pair->>0)::bigint
),
by_day as (
  insert into usage_days as kept (day, user_automation_id, tokens, events, h${hour})
  select $5::bigint, (row->>0)::bigint, (row->>1)::bigint, (row->>2)::bigint, (row->>1)::bigint
  from json_array_elements($3::text::json) row
  on conflict (day, user_automation_id) do update set tokens = kept.tokens + excluded.tokens,
    events = kept.events + excluded.events, h${hour} = kept.h${hour} + excluded.h${hour}
)
insert into usage_totals as kept (day, automation_id, slot, tokens, events, h${hour})
select $5::bigint, (row->>0)::bigint, $6::bigint, (row->>1)::bigint, (row->>2)::bigint, (row->>1)::bigint
from json_array_elements($4::text::json) row
on conflict (day, automation_id, slot) do update set tokens = kept.tokens + excluded.tokens,
  events = kept.events + excluded.events, h${hour} = kept.h${hour} + excluded.h${hour}`
