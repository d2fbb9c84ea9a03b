import { DAY_MS } from '../../lib/time.ts'
import type { Engine, Survey, TableSeen } from '../../storage/engine.ts'
import { isFullScan, rounded } from './evidence.ts'
import type { Finding } from './finding.ts'
import { about, covers, isDroppable, LARGE_ROWS } from './findings.ts'
import { indexOn, type PlannedIndex } from './planned.ts'

/** A statement that was seen at work, without its values. */
export interface RecordedStatement {
  name: string
  sql: string
  calls: number
  meanMs: number
  maxMs: number
  /** Its plan now, for the average caller. */
  plan: string[]
}

/** The plan's bound for the average query. */
const SLOW_MS = 100
const MOST = 20
/** An index is called unused by what was recorded only if that much was. */
const FEW_STATEMENTS = 20
const FEW_MS = 7 * DAY_MS

const OURS = `select s.name, s.sql, sum(p.count) as calls, sum(p.total) / 1000.0 as total_ms,
    max(p.largest) / 1000.0 as max_ms, min(p.at) as since, max(p.at) as until
  from performance_samples p join performance_statements s on s.name = p.name
  where p.kind = 'statement' and p.at > (select max(at) from performance_samples) - ${8 * DAY_MS}
  group by s.name, s.sql`

const SERVERS = `select queryid::text as name, query as sql, calls, total_exec_time as total_ms,
    max_exec_time as max_ms, 0 as since, 0 as until
  from pg_stat_statements where dbid = (select oid from pg_database where datname = current_database())
    and calls > 0 and query ~* '^(select|with|update|delete)'`

interface Recorded {
  name: string
  sql: string
  calls: number | string
  total_ms: number | string
  max_ms: number | string
  since: number
  until: number
}

/**
 * The slowest recorded statements with their plans, as this program keeps them or the server does; and what these
 * plans say about the indexes.
 */
export async function slowStatements(engine: Engine, survey: Survey, planned: readonly PlannedIndex[]) {
  const recorded = await readRecorded(engine, survey)
  const mean = (one: Recorded) => Number(one.total_ms) / Math.max(1, Number(one.calls))
  const slowest: RecordedStatement[] = []
  for (const one of recorded.toSorted((a, b) => mean(b) - mean(a)).slice(0, MOST)) {
    slowest.push({
      name: one.name,
      sql: one.sql,
      calls: Number(one.calls),
      meanMs: rounded(mean(one)),
      maxMs: rounded(Number(one.max_ms)),
      plan: await planOf(engine, one.sql),
    })
  }
  return {
    slowest,
    findings: [
      ...slowest.flatMap((statement) => slowFinding(survey, statement)),
      ...(survey.dialect === 'sqlite' ? await neverChosen(engine, survey, planned, recorded) : []),
    ],
  }
}

async function readRecorded(engine: Engine, { tables, dialect }: Survey): Promise<Recorded[]> {
  const has = (table: string) => tables.some(({ name }) => name === table)
  if (has('performance_samples') && has('performance_statements')) return engine.rows<Recorded>(OURS)
  if (dialect === 'sqlite') return []
  // Without the extension, or without the right to read it, there is nothing.
  return engine.rows<Recorded>(SERVERS).catch(() => [])
}

/** Nothing for what has no plan, such as a statement on a table that is gone. */
const planOf = (engine: Engine, sql: string) => engine.plan(sql).catch((): string[] => [])

function slowFinding(
  survey: Survey,
  { name, sql, calls, meanMs, maxMs, plan }: RecordedStatement,
): Finding[] {
  if (meanMs <= SLOW_MS) return []
  const read = survey.tables.find((table) => isReadWhole(table, sql, plan))
  if (!read) return []
  const suggested = suggestIndex(survey, read, sql)
  return [
    {
      id: `slow:${name}`,
      level: 'problem',
      what: `a statement takes ${Math.round(meanMs)} ms on average, and reads all of ${read.name}`,
      why: `the plan's average is below ${SLOW_MS} ms, and this grows with the table`,
      advice: suggested
        ? `the index is a guess from its conditions; try it: zimmer optimize --only slow:${name}`
        : 'no index suggests itself: look at its conditions',
      change: suggested && { kind: 'create_index', table: read.name, ...suggested },
      applied: suggested ? 'named' : 'never',
      evidence: [
        sql,
        `${about(calls)} calls, ${maxMs} ms at worst; ${read.name} has ${about(read.rows)} rows`,
        ...plan,
      ],
    },
  ]
}

function isReadWhole({ name, rows }: TableSeen, sql: string, plan: readonly string[]) {
  if (rows < LARGE_ROWS) return false
  const names = [name, ...aliasesOf(sql, name)].map((one) => one.toLowerCase())
  return plan.some((step) => {
    const scanned = step.match(/SCAN (\w+)|Seq Scan on (\w+)/)
    return isFullScan(step) && names.includes((scanned?.[1] ?? scanned?.[2] ?? '').toLowerCase())
  })
}

const bare = (sql: string) => sql.replaceAll(/["`]/g, '').replaceAll(/\s+/g, ' ')

function aliasesOf(sql: string, table: string): string[] {
  const found = [...bare(sql).matchAll(new RegExp(`\\b${table}(?: as)? (\\w+)`, 'gi'))]
  return found
    .map(([, alias]) => alias ?? '')
    .filter((alias) => !/^(where|join|on|set|order|group|limit|left|inner)$/i.test(alias))
}

/**
 * Columns compared with `=` lead, then one that is compared by size or sorted by; at most three. Null when none
 * suggests itself, or such an index is there.
 */
export function suggestIndex(survey: Survey, table: TableSeen, sql: string) {
  const text = bare(sql)
  if (!new RegExp(`\\b${table.name}\\b`, 'i').test(text)) return null
  const owners = [table.name, ...aliasesOf(sql, table.name)]
  const columnsIn = (pattern: RegExp) =>
    [...text.matchAll(pattern)].flatMap(([, owner, column = '']) =>
      table.columns.includes(column) && (!owner || owners.includes(owner)) ? [column] : [],
    )
  const equal = columnsIn(/\b(?:(\w+)\.)?(\w+) (?:=|in\b) ?(?:\?|\$\d|\()/gi)
  const sized = columnsIn(/\b(?:(\w+)\.)?(\w+) (?:<|>|<=|>=|between) ?(?:\?|\$\d)/gi)
  const sorted = columnsIn(/order by (?:(\w+)\.)?(\w+)/gi)
  const columns = [...new Set([...equal.slice(0, 2), ...[...sized, ...sorted].slice(0, 1)])]
  if (columns.length === 0 || survey.indexes.some((index) => covers(index, table.name, columns))) return null
  return indexOn(table.name, columns)
}

/** SQLite counts no use of indexes: what no recorded statement's plan names may be needless. */
async function neverChosen(
  engine: Engine,
  survey: Survey,
  planned: readonly PlannedIndex[],
  recorded: readonly Recorded[],
): Promise<Finding[]> {
  const since = Math.min(...recorded.map((one) => one.since))
  const until = Math.max(...recorded.map((one) => one.until))
  if (recorded.length < FEW_STATEMENTS || until - since < FEW_MS) return []
  const plans = (await Promise.all(recorded.map(({ sql }) => planOf(engine, sql)))).flat().join('\n')
  return survey.indexes
    .filter((index) => isDroppable(index, survey, planned) && !new RegExp(`\\b${index.name}\\b`).test(plans))
    .map(
      ({ name, table, sql }): Finding => ({
        id: `unused:${name}`,
        level: 'hint',
        what: `no statement recorded in ${Math.floor((until - since) / DAY_MS)} days would use index ${name} on ${table}`,
        why: `each write to ${table} keeps it; but what was not recorded, such as a yearly report, may need it`,
        advice: 'when you know that nobody needs it: zimmer optimize --drop',
        change: { kind: 'drop_index', name, table, sql: sql ?? '' },
        applied: 'drop',
        evidence: [`by the plans of ${recorded.length} statements`],
      }),
    )
}
