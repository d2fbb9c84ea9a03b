import type { Generated, GeneratedAlways } from 'kysely'

// The schema as types, for both databases. Booleans are 0 or 1, times are milliseconds since 1970 UTC,
// JSON is text: so that a value reads the same from SQLite and from PostgreSQL.
type Flag = 0 | 1
type Ms = number

export type Role = 'manager' | 'technical_team' | 'support_staff' | 'customer'

export interface UsersTable {
  id: Generated<number>
  /** Lower case, trimmed: two spellings of one address are one account. */
  email: string
  name: string
  /** What users are put in order of names by. */
  name_key: GeneratedAlways<string>
  phone_number: string | null
  password_hash: string | null
  role: Role
  is_active: Generated<Flag>
  email_verified: Generated<Flag>
  last_login_at: Ms | null
  created_at: Ms
  updated_at: Ms
}

/** How many users there are of each kind, kept by triggers; sum over `slot`. */
export interface UserCountsTable {
  role: Role
  is_active: Flag
  email_verified: Flag
  slot: number
  users: number
}

/** One signed-in device: the family of all refresh tokens that grew out of one login. */
export interface SessionsTable {
  id: Generated<number>
  user_id: number
  created_at: Ms
  last_used_at: Ms
  /** The absolute end; the idle end is `last_used_at` plus the idle time-out. */
  expires_at: Ms
  revoked_at: Ms | null
  revoked_reason: string | null
  ip: string | null
  user_agent: string | null
}

export interface RefreshTokensTable {
  /** SHA-256 of the token; the token itself is nowhere. */
  hash: string
  session_id: number
  created_at: Ms
  used_at: Ms | null
}

export type HealthStatus = 'unknown' | 'healthy' | 'degraded' | 'unhealthy'
export type PricingType = 'token_per_session' | 'token_per_step' | 'flat_fee'

export interface AutomationsTable {
  id: Generated<number>
  name: string
  description: string
  pricing_type: PricingType
  /** Minor units of `currency` per token. */
  price_per_token: number
  currency: string
  demo_tokens: number
  is_listed: Generated<Flag>
  provision_url: string | null
  health_check_url: string | null
  dashboard_url: string | null
  health_status: Generated<HealthStatus>
  /** JSON: what the last health check saw. */
  health_details: string | null
  last_health_at: Ms | null
  created_at: Ms
  updated_at: Ms
}

export interface ServiceTokensTable {
  id: Generated<number>
  automation_id: number
  /** The first characters of the token, to tell tokens apart on a screen. */
  prefix: string
  hash: string
  /** Space-separated. */
  scopes: string
  created_by: number | null
  created_at: Ms
  last_used_at: Ms | null
  /** Set by rotation: the end of the overlap. */
  expires_at: Ms | null
  revoked_at: Ms | null
}

export type SubscriptionStatus = 'active' | 'paused' | 'cancelled'
export type IntegrationStatus = 'not_configured' | 'pending' | 'connected' | 'failed'

export interface UserAutomationsTable {
  id: Generated<number>
  user_id: number
  automation_id: number
  status: SubscriptionStatus
  integration_status: IntegrationStatus
  telegram_bot_token: string | null
  webhook_url: string | null
  provisioned_at: Ms | null
  created_at: Ms
  updated_at: Ms
}

export type LotKind = 'demo' | 'paid' | 'promotional' | 'adjustment'

/** Tokens that arrived together. `tokens` is what came and never changes, `remaining` is what is left. */
export interface LotsTable {
  id: Generated<number>
  user_automation_id: number
  kind: LotKind
  tokens: number
  remaining: number
  /** Lower burns first; then the earlier expiry, then the older lot. */
  priority: number
  expires_at: Ms | null
  created_at: Ms
}

/** Accepted consumes and, with negative tokens, their reversals. Only ever added to. */
export interface TokenUsageTable {
  id: number
  user_automation_id: number
  user_id: number
  automation_id: number
  tokens: number
  usage_type: string
  /** The lot that was burned; the first of them when `split` is set. */
  lot_id: number
  /** JSON `[[lot id, tokens], …]` when one consume spans lots. */
  split: string | null
  demo_after: number
  paid_after: number
  idempotency_key: string | null
  /** JSON, keys sorted. */
  meta: string | null
  /** When the service says that the work was done, if it says so. */
  occurred_at: Ms | null
  reverses_id: number | null
  created_at: Ms
}

/** Tokens and consumes of one subscription on one UTC day, with the tokens of each hour: both roll-ups in one row. */
export type UsageDaysTable = {
  day: number
  user_automation_id: number
  tokens: number
  events: number
} & Hours

/** The same per automation; `slot` spreads writers of several nodes over rows, so sum over it. */
export type UsageTotalsTable = {
  day: number
  automation_id: number
  slot: number
  tokens: number
  events: number
} & Hours

type Hours = { [hour in `h${number}`]: Generated<number> }

/** Changes of a balance by staff. */
export interface AdjustmentsTable {
  id: Generated<number>
  user_automation_id: number
  delta_tokens: number
  reason: string
  note: string | null
  staff_id: number | null
  idempotency_key: string | null
  balance_after: number
  /** Of the lot that it added; null when it took tokens, or is older than this column. */
  lot_kind: 'adjustment' | 'paid' | 'promotional' | null
  lot_expires_at: Ms | null
  created_at: Ms
}

/** Sums of the adjustments of a UTC day, kept by a trigger. */
export interface AdjustmentDaysTable {
  day: number
  adjustments: number
  tokens_added: number
  tokens_removed: number
}

/** Who among staff did what; only ever added to. */
export interface AuditLogTable {
  id: Generated<number>
  staff_id: number | null
  action: string
  target_type: string
  target_id: number | null
  /** JSON of the fields that changed, as they were and as they are. */
  before: string | null
  after: string | null
  ip: string | null
  request_id: string | null
  created_at: Ms
}

export type JobState = 'queued' | 'running' | 'done' | 'failed'

export interface JobsTable {
  id: Generated<number>
  kind: string
  payload: string
  state: JobState
  run_at: Ms
  attempts: number
  max_attempts: number
  /** Two jobs with one key can't both wait or run. */
  unique_key: string | null
  last_error: string | null
  locked_until: Ms | null
  created_at: Ms
  finished_at: Ms | null
}

/** Small facts of the installation, by name. */
export interface FactsTable {
  name: string
  value: string
}

export type SampleKind = 'route' | 'statement' | 'database' | 'cache' | 'process'

/**
 * What one node measured of one thing in `seconds` from `at` on. Only ever added to, and moved into coarser ones as
 * it ages; several of one time add up.
 */
export interface PerformanceSamplesTable {
  id: Generated<number>
  kind: SampleKind
  at: Ms
  seconds: number
  node: string
  /** `GET /api/me`, a statement's name, a cache's name, a fact of the process. */
  name: string
  /** Requests, runs, look-ups, or readings. */
  count: number
  /** Requests within the target; look-ups that hit. */
  good: number
  /** Requests answered with a 5xx; runs that failed. */
  failed: number
  /** Microseconds; of a fact of the process in its own unit. */
  total: number
  largest: number
  target_ms: number | null
  /** JSON `[bucket, count, …]`, as a histogram's `sparse()` but 5 % apart. */
  buckets: string
}

/** The SQL of statements that samples name; parameters, no values. */
export interface PerformanceStatementsTable {
  name: string
  sql: string
  seen_at: Ms
}

/** Targets missed for five minutes in a row. */
export interface TargetMissesTable {
  id: Generated<number>
  target: string
  goal: number
  unit: string
  /** The first missed minute's beginning, and the last one's end. */
  since: Ms
  last_at: Ms
  /** Null while it is missed. */
  until: Ms | null
  worst: number
}

export interface Tables {
  performance_samples: PerformanceSamplesTable
  performance_statements: PerformanceStatementsTable
  target_misses: TargetMissesTable
  users: UsersTable
  user_counts: UserCountsTable
  sessions: SessionsTable
  refresh_tokens: RefreshTokensTable
  automations: AutomationsTable
  service_tokens: ServiceTokensTable
  user_automations: UserAutomationsTable
  lots: LotsTable
  token_usage: TokenUsageTable
  usage_days: UsageDaysTable
  usage_totals: UsageTotalsTable
  adjustments: AdjustmentsTable
  adjustment_days: AdjustmentDaysTable
  audit_log: AuditLogTable
  jobs: JobsTable
  facts: FactsTable
}
