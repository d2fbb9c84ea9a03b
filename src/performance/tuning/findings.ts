import { DAY_MS } from '../../lib/time.ts'
import type { IndexSeen, Survey, TableSeen } from '../../storage/engine.ts'
import type { Finding } from './finding.ts'
import { indexOn, isOwnTable, type PlannedIndex } from './planned.ts'
import { settingFindings } from './settings.ts'

/** Below this many rows a full read is as good as an index, and statistics change nothing. */
export const LARGE_ROWS = 10_000
const DEAD_SHARE = 0.2
const FREE_SHARE = 0.25
const FREE_BYTES = 64e6
const WAL_BYTES = 256e6
/** Use has to be counted this long before an index may be called unused. */
const COUNTED_FOR_MS = 7 * DAY_MS
const FAR = 4

/** What the catalogue of a database tells, most urgent first. */
export function findingsOf(survey: Survey, planned: readonly PlannedIndex[]): Finding[] {
  const missing = missingIndexes(survey, planned)
  return [
    // With a write-ahead log first: the rest is then done beside readers, and an interruption leaves no journal.
    ...settingFindings(survey),
    ...invalidIndexes(survey),
    ...missing,
    ...foreignKeys(survey, missing),
    ...statistics(survey),
    ...needlessIndexes(survey, planned),
    ...unusedIndexes(survey, planned),
    ...space(survey),
  ]
}

/** An index on all rows whose first columns are these serves them. */
export const covers = (index: IndexSeen, table: string, columns: readonly string[]) =>
  index.table === table &&
  index.valid &&
  index.where === null &&
  columns.every((column, position) => index.columns[position] === column)

/** Those of the plan by name, or one of another name that does the same. */
export function serving({ indexes }: Survey, wanted: PlannedIndex, planned: readonly PlannedIndex[]) {
  const names = new Set(planned.map(({ name }) => name))
  const { name, table, columns } = wanted
  const leads = (index: IndexSeen) =>
    index.table === table &&
    index.valid &&
    columns.every((column, position) => index.columns[position] === column)
  return (
    indexes.find((index) => index.name === name && leads(index)) ??
    indexes.find((index) => !names.has(index.name) && index.where === null && leads(index))
  )
}

function missingIndexes(survey: Survey, planned: readonly PlannedIndex[]): Finding[] {
  return planned
    .filter((wanted) => !serving(survey, wanted, planned))
    .map(({ name, table, columns, sql }): Finding => {
      const other = survey.indexes.find((index) => index.name === name && index.valid)
      const list = columns.join(', ')
      return {
        id: `missing:${name}`,
        level: 'problem',
        what: other
          ? `index ${name} is on ${other.table} (${other.columns.join(', ')}) instead of ${table} (${list})`
          : `index ${name} on ${table} (${list}) is missing`,
        why: `without it whoever asks ${table} by ${list} reads all its rows`,
        advice: other ? `drop or rename that one, then run this again` : '',
        change: other ? null : { kind: 'create_index', name, table, sql },
        applied: other ? 'never' : 'always',
        evidence: [],
      }
    })
}

function invalidIndexes({ indexes }: Survey): Finding[] {
  return indexes
    .filter(({ valid }) => !valid)
    .map(
      ({ name, table, sql, isKey }): Finding => ({
        id: `invalid:${name}`,
        level: 'problem',
        what: `index ${name} on ${table} is not valid`,
        why: 'its build was interrupted: it is written to with each change and never read',
        advice: '',
        change: isKey ? null : { kind: 'drop_index', name, table, sql: sql ?? '' },
        applied: isKey ? 'never' : 'always',
        evidence: [],
      }),
    )
}

/** In tables of this program those without an index are without on purpose: what they name is never deleted. */
function foreignKeys(survey: Survey, missing: readonly Finding[]): Finding[] {
  const coming = missing.flatMap(({ change }) => (change?.kind === 'create_index' ? [change.sql] : []))
  const foreign = survey.tables.filter((table) => !isOwnTable(survey, table))
  return foreign.flatMap((table) =>
    table.foreignKeys
      .filter((columns) => !survey.indexes.some((index) => covers(index, table.name, columns)))
      .map((columns) => ({ columns, ...indexOn(table.name, columns) }))
      .filter(({ sql }) => !coming.some((other) => other.includes(sql.slice(sql.indexOf(' on '), -1))))
      .map(
        ({ columns, name, sql }): Finding => ({
          id: `foreign_key:${table.name}.${columns.join('.')}`,
          level: 'problem',
          what: `the foreign key ${table.name} (${columns.join(', ')}) has no index`,
          why: `each delete or change of what it names, and each join from there, reads all of ${table.name}`,
          advice: '',
          change: { kind: 'create_index', name, table: table.name, sql },
          applied: 'always',
          evidence: [`${table.name} has ${about(table.rows)} rows`],
        }),
      ),
  )
}

/** Equal ones and beginnings of others; never a key, a unique one, or one that the plan names. */
function needlessIndexes(survey: Survey, planned: readonly PlannedIndex[]): Finding[] {
  const { indexes } = survey
  const gone = new Set<string>()
  const found: Finding[] = []
  for (const index of indexes.filter((one) => isDroppable(one, survey, planned))) {
    const [better] = indexes
      .filter((other) => other !== index && !gone.has(other.name) && doesTheSame(other, index))
      .sort((a, b) => a.order.length - b.order.length)
    if (!better) continue
    gone.add(index.name)
    const equal = better.order.length === index.order.length
    found.push({
      id: `${equal ? 'duplicate' : 'prefix'}:${index.name}`,
      level: 'problem',
      what: equal
        ? `index ${index.name} on ${index.table} is the same as ${better.name}`
        : `index ${index.name} on ${index.table} is the beginning of ${better.name} (${better.columns.join(', ')})`,
      why: `each write to ${index.table} keeps both, and one answers whatever the other does`,
      advice: 'zimmer optimize --drop drops it',
      change: { kind: 'drop_index', name: index.name, table: index.table, sql: index.sql ?? '' },
      applied: 'drop',
      evidence: index.bytes === null ? [] : [`it takes ${index.bytes} bytes`],
    })
  }
  return found
}

/** No key, not unique, and not what stands in for one of the plan. */
export const isDroppable = (index: IndexSeen, survey: Survey, planned: readonly PlannedIndex[]) =>
  index.valid &&
  !index.isKey &&
  !index.unique &&
  index.sql !== null &&
  !planned.some((wanted) => wanted.name === index.name || serving(survey, wanted, planned) === index)

const doesTheSame = (other: IndexSeen, index: IndexSeen) =>
  other.table === index.table &&
  other.valid &&
  other.where === index.where &&
  index.order.every((part, position) => other.order[position] === part)

function unusedIndexes(survey: Survey, planned: readonly PlannedIndex[]): Finding[] {
  const { indexes, countedForMs } = survey
  if (countedForMs === null || countedForMs < COUNTED_FOR_MS) return []
  const days = Math.floor(countedForMs / DAY_MS)
  return indexes
    .filter((index) => index.scans === 0 && isDroppable(index, survey, planned))
    .map(
      ({ name, table, sql, bytes }): Finding => ({
        id: `unused:${name}`,
        level: 'hint',
        what: `index ${name} on ${table} was not used once in ${days} days`,
        why: `each write to ${table} keeps it; but a yearly report, or another node, may need it`,
        advice: 'when you know that nobody needs it: zimmer optimize --drop',
        change: { kind: 'drop_index', name, table, sql: sql ?? '' },
        applied: 'drop',
        evidence: bytes === null ? [] : [`it takes ${bytes} bytes`],
      }),
    )
}

/**
 * SQLite goes by the shape of a statement where there are none, and this program's indexes are made for that: in its
 * own file only those that are there and wrong are worse.
 */
function statistics(survey: Survey): Finding[] {
  const { tables, dialect, migrations } = survey
  const byShape = dialect === 'sqlite' && migrations !== null
  const stale = tables.filter((table) => isStale(table) && !(byShape && table.analyzedRows === null))
  return stale.map(
    ({ name, rows, analyzedRows, changedRows }): Finding => ({
      id: `statistics:${name}`,
      level: 'problem',
      what: `the statistics of ${name} are ${analyzedRows === null ? 'missing' : 'stale'}`,
      why: 'the planner guesses which index is the better one',
      advice: '',
      change: { kind: 'analyze', table: name },
      applied: 'always',
      evidence: [
        analyzedRows === null
          ? `it has ${about(rows)} rows and was never analyzed`
          : `${about(rows)} rows, ${about(analyzedRows)} when it was last analyzed`,
        ...(dialect === 'postgres' && changedRows ? [`${about(changedRows)} rows changed since`] : []),
      ],
    }),
  )
}

function isStale({ rows, analyzedRows, changedRows }: TableSeen) {
  if (rows < LARGE_ROWS) return false
  if (analyzedRows === null) return true
  if (changedRows !== null) return changedRows > rows * DEAD_SHARE + LARGE_ROWS
  return rows > analyzedRows * FAR || rows * FAR < analyzedRows
}

function space({ tables, bytes, freeBytes, walBytes, dialect }: Survey): Finding[] {
  const bloated = tables.filter(({ rows, deadRows }) => (deadRows ?? 0) > rows * DEAD_SHARE + LARGE_ROWS)
  const found = bloated.map(
    ({ name, rows, deadRows }): Finding => ({
      id: `bloat:${name}`,
      level: 'problem',
      what: `${name} has ${about(deadRows ?? 0)} dead rows beside ${about(rows)} live ones`,
      why: 'reads pass over them, until a vacuum frees their room',
      advice: 'look why autovacuum does not keep up: a transaction left open, or its thresholds',
      change: { kind: 'vacuum', table: name },
      applied: 'always',
      evidence: [],
    }),
  )
  if (dialect === 'sqlite' && freeBytes > FREE_BYTES && freeBytes > bytes * FREE_SHARE) {
    found.push({
      id: 'free_pages',
      level: 'hint',
      what: `${Math.round(freeBytes / 1e6)} MB of ${Math.round(bytes / 1e6)} MB are free pages`,
      why: 'they will be used again; until then backups carry them',
      advice: 'with the server stopped, and as much free disk: zimmer optimize --only free_pages (a VACUUM)',
      change: { kind: 'vacuum', table: '' },
      applied: 'named',
      evidence: [],
    })
  }
  if (dialect === 'sqlite' && (walBytes ?? 0) > WAL_BYTES) {
    found.push({
      id: 'wal',
      level: 'problem',
      what: `the write-ahead log has ${Math.round((walBytes ?? 0) / 1e6)} MB`,
      why: 'no checkpoint gets through, and each read looks into the log first',
      advice: 'if that is refused, another program reads without end: stop it first',
      change: { kind: 'checkpoint' },
      applied: 'always',
      evidence: [],
    })
  }
  return found
}

/** 12,345 */
export const about = (count: number) => count.toLocaleString('en-US')
