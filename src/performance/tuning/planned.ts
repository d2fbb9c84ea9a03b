import { quoted, type Survey, type TableSeen } from '../../storage/engine.ts'
import { migrations, render } from '../../storage/migrations/list.ts'

/** An index that the plan, or this program's own schema, asks for. */
export interface PlannedIndex {
  name: string
  table: string
  /** Those that have to lead, in order. */
  columns: string[]
  /** `create index …`, without words of one database. */
  sql: string
  /** A question that it answers, for showing what it gains; null for this program's further ones. */
  question: Question | null
}

/** A representative query; `{column}` stands for a value taken from the data. */
export interface Question {
  name: string
  sql: string
}

type Row = [name: string, table: string, columns: string[], question: string, sql: string]

const MOST = 'limit 100'

/** The performance plan, item by item. */
const PLAN: Row[] = [
  ['idx_users_email', 'users', ['email'], 'user by e-mail', 'select * from users where email = {email}'],
  [
    'idx_users_is_active',
    'users',
    ['is_active'],
    'users by state',
    `select * from users where is_active = {is_active} ${MOST}`,
  ],
  [
    'idx_users_email_verified',
    'users',
    ['email_verified'],
    'users by verified e-mail',
    `select * from users where email_verified = {email_verified} ${MOST}`,
  ],
  [
    'idx_user_automations_user_id',
    'user_automations',
    ['user_id'],
    "a user's automations",
    'select * from user_automations where user_id = {user_id}',
  ],
  [
    'idx_user_automations_status',
    'user_automations',
    ['status'],
    'automations by status',
    `select * from user_automations where status = {status} ${MOST}`,
  ],
  [
    'idx_user_automations_user_status',
    'user_automations',
    ['user_id', 'status'],
    "a user's automations by status",
    'select * from user_automations where user_id = {user_id} and status = {status}',
  ],
  [
    'idx_token_usage_user_id',
    'token_usage',
    ['user_id'],
    "a user's usage",
    `select * from token_usage where user_id = {user_id} ${MOST}`,
  ],
  [
    'idx_token_usage_created_at',
    'token_usage',
    ['created_at'],
    'usage by time',
    `select * from token_usage where created_at <= {created_at} order by created_at desc ${MOST}`,
  ],
  [
    'idx_token_usage_user_created',
    'token_usage',
    ['user_id', 'created_at'],
    "a user's usage by time",
    `select * from token_usage where user_id = {user_id} order by created_at desc ${MOST}`,
  ],
  [
    'idx_sessions_user_id',
    'sessions',
    ['user_id'],
    "a user's sessions",
    'select * from sessions where user_id = {user_id}',
  ],
  [
    'idx_sessions_expires_at',
    'sessions',
    ['expires_at'],
    'sessions by end',
    `select * from sessions where expires_at <= {expires_at} order by expires_at ${MOST}`,
  ],
]

/** In this program's own schema it holds reversals alone: see docs/decisions/0006. */
const OWN_QUESTION: Record<string, Question> = {
  idx_token_usage_user_id: {
    name: "a user's reversals",
    sql: `select * from token_usage where user_id = {user_id} and reverses_id is not null ${MOST}`,
  },
}

const planned: PlannedIndex[] = PLAN.map(([name, table, columns, question, sql]) => ({
  ...{ name, table, columns },
  sql: `create index ${name} on ${table} (${columns.join(', ')})`,
  question: { name: question, sql },
}))

/**
 * The indexes that a database should have: in a database of this program those of its migrations, exactly as these
 * make them; in any other those of the plan, wherever the table and the columns are there.
 */
export function plannedFor({ migrations: applied, tables, dialect, extensions }: Survey): PlannedIndex[] {
  const there = ({ table, columns }: PlannedIndex) =>
    tables.some(({ name, columns: has }) => name === table && columns.every((column) => has.includes(column)))
  const own = applied ? ownIndexes(applied, dialect) : []
  // Where that extension can't be had, a Zimmer does without the index, and says so when it migrates.
  const possible = ({ sql }: PlannedIndex) => extensions.includes('pg_trgm') || !sql.includes('gin_trgm_ops')
  if (own.length > 0) return own.filter((index) => there(index) && possible(index))
  return planned.filter(there)
}

/** This program made the table, so it is as its migrations want it. */
export const isOwnTable = ({ migrations: applied, dialect }: Survey, { name }: TableSeen) =>
  applied !== null && new RegExp(`create table ${name} \\(`).test(schemaOf(applied, dialect).join(';\n'))

/** Whoever made it: a database in which automations are sold, and not just any that has users. */
export const isZimmers = ({ migrations: applied, tables }: Survey) =>
  applied !== null || tables.some(({ name }) => name === 'user_automations' || name === 'token_usage')

function schemaOf(applied: readonly string[], dialect: Survey['dialect']) {
  const known = migrations.filter(({ name }) => applied.includes(name))
  return known.flatMap((migration) => render(migration, dialect).split(/;\n/))
}

function ownIndexes(applied: readonly string[], dialect: Survey['dialect']): PlannedIndex[] {
  const found = new Map<string, PlannedIndex>()
  for (const part of schemaOf(applied, dialect)) {
    const statement = part
      .replace(/^\s*--.*$/gm, '')
      .replace(/\s+/g, ' ')
      .trim()
    const dropped = statement.match(/^drop index (?:if exists )?(\w+)/i)?.[1]
    if (dropped) found.delete(dropped)
    const made = statement.match(
      /^create (?:unique )?index (?:if not exists )?(\w+) on (\w+)(?: using \w+)? \((.*)/i,
    )
    if (!made) continue
    const [, name = '', table = '', rest = ''] = made
    const question = OWN_QUESTION[name] ?? planned.find((index) => index.name === name)?.question ?? null
    const sql = statement.replace(/ if not exists/i, '')
    found.set(name, { name, table, columns: leading(rest), sql, question })
  }
  return [...found.values()]
}

/** The plain columns that an index begins with, from its `create index …`. */
export const columnsOf = (sql: string): string[] =>
  leading(sql.slice(sql.indexOf('(') + 1)).map((column) => column.replaceAll('"', ''))

/** The plain columns at the beginning of a list, without direction or operator class; what comes after an expression doesn't lead. */
function leading(list: string): string[] {
  const end = list.search(/[()]/)
  const items = list.slice(0, end).split(',')
  if (list[end] === '(') items.pop()
  return items.map((item) => item.trim().replace(/ .*/, ''))
}

/** SQL that makes an index on these columns, under the name that the plan's style gives it. */
export function indexOn(table: string, columns: readonly string[]): { name: string; sql: string } {
  const name = `idx_${table}_${columns.join('_')}`.replaceAll(/\W/g, '_').slice(0, 63)
  return { name, sql: `create index ${quoted(name)} on ${quoted(table)} (${columns.map(quoted).join(', ')})` }
}
