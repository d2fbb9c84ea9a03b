import { type Engine, literal, quoted, type Survey } from '../../storage/engine.ts'
import type { Value } from '../../storage/storage.ts'
import type { Finding } from './finding.ts'
import { columnsOf, type PlannedIndex, type Question } from './planned.ts'

/** How a database answers a question. */
export interface Answer {
  /** The steps of its plan, in its own words. */
  plan: string[]
  /** Milliseconds until all rows were here; null when the table is too large to try. */
  ms: number | null
}

/** A representative query on the data that is there, before and after a change. */
export interface Shown {
  /** The finding that it speaks for, or would if there were one. */
  finding: string
  question: string
  index: string
  sql: string
  before: Answer
  after: Answer | null
}

/** A table beyond this is not read from end to end for the sake of a figure. */
const TIMED_ROWS = 5_000_000
const SAMPLED_ROWS = 100_000
const REPEATED_BELOW_MS = 200
const TIMES = 5
/** What an entry takes besides its columns, and the room that pages leave: as measured, roughly. */
const ENTRY = { sqlite: { bytes: 7, filled: 1.05 }, postgres: { bytes: 14, filled: 1.1 } }

/** Foreign databases may have dozens of keys without an index. */
const LOOK_UPS_MOST = 20

interface Seen {
  survey: Survey
  planned: readonly PlannedIndex[]
  findings: readonly Finding[]
  slowest: readonly { name: string; sql: string }[]
}

interface Asked {
  finding: string
  index: string
  table: string
  /** `{column}` stands for a value taken from the data. */
  question: Question
}

/** Those of the planned indexes and of the other indexes that findings would make, if their tables have rows. */
export async function questionsFor(engine: Engine, { survey, planned, findings, slowest }: Seen) {
  const values = new Map<string, Promise<Value>>()
  const sampleOf = (table: string, column: string) => {
    const key = `${table}.${column}`
    const known = values.get(key) ?? sample(engine, table, column)
    values.set(key, known)
    return known
  }
  const all = [
    ...planned.flatMap(({ name: index, table, question }): Asked[] =>
      question ? [{ finding: `missing:${index}`, index, table, question }] : [],
    ),
    ...lookUps(planned, findings),
  ]
  const filled: Filled[] = []
  for (const { finding, index, table, question } of all) {
    const seen = survey.tables.find((one) => one.name === table)
    if (!seen || seen.rows === 0) continue
    const columns = [...question.sql.matchAll(/\{(\w+)\}/g)].map(([, column]) => column ?? '')
    if (!columns.every((column) => seen.columns.includes(column))) continue
    let { sql } = question
    for (const column of columns) sql = sql.replace(`{${column}}`, literal(await sampleOf(table, column)))
    filled.push({ finding, question: question.name, index, table, sql, isWhole: true })
  }
  for (const { id: finding, change } of findings) {
    const statement = slowest.find(({ name }) => finding === `slow:${name}`)
    if (change?.kind !== 'create_index' || !statement) continue
    const { name: index, table } = change
    filled.push({
      finding,
      question: 'the statement itself',
      index,
      table,
      sql: statement.sql,
      isWhole: false,
    })
  }
  return filled
}

export interface Filled {
  finding: string
  question: string
  index: string
  table: string
  sql: string
  /** false: a recorded statement, whose values nobody knows, so that only its plan can be shown. */
  isWhole: boolean
}

/** A look-up by the columns of each index that a finding would make and that no question of the plan is about. */
function lookUps(planned: readonly PlannedIndex[], findings: readonly Finding[]): Asked[] {
  const found: Asked[] = []
  for (const { id: finding, change } of findings) {
    if (change?.kind !== 'create_index' || found.length === LOOK_UPS_MOST) continue
    const { name: index, table, sql } = change
    if (planned.some(({ name, question }) => name === index && question)) continue
    const columns = columnsOf(sql)
    if (columns.length === 0) continue
    const equal = columns.map((column) => `${quoted(column)} = {${column}}`)
    const partial = /\) where (.+)$/is.exec(sql)?.[1]
    const where = [...equal, ...(partial ? [`(${partial})`] : [])].join(' and ')
    const question = {
      name: `${table} by ${columns.join(', ')}`,
      sql: `select * from ${quoted(table)} where ${where} limit 100`,
    }
    found.push({ finding, index, table, question })
  }
  return found
}

/** Plan and time of each. */
export async function ask(engine: Engine, survey: Survey, questions: readonly Filled[]): Promise<Answer[]> {
  const answers: Answer[] = []
  for (const { sql, table, isWhole } of questions) {
    if (!isWhole) {
      answers.push({ plan: await engine.plan(sql).catch(() => []), ms: null })
      continue
    }
    const plan = await engine.plan(sql)
    const rows = survey.tables.find(({ name }) => name === table)?.rows ?? 0
    const isSlow = rows > TIMED_ROWS && plan.some(isFullScan)
    answers.push({ plan, ms: isSlow ? null : await time(engine, sql) })
  }
  return answers
}

/** A step that reads a table, or an index, from end to end. */
export const isFullScan = (step: string) => /^\s*(->\s*)?(Parallel )?Seq Scan|^\s*SCAN /.test(step)

/** The step that finds the rows, in one line without the planner's guesses. */
export const gist = ({ plan }: Pick<Answer, 'plan'>) => {
  const step = plan.find((line) => /scan|search/i.test(line)) ?? plan[0] ?? ''
  return step.replace(/\s*\(cost=.*$/, '').replace(/^\s*(->)?\s*/, '')
}

/** The least frequent value among the first rows: what an index is made for. */
async function sample(engine: Engine, table: string, column: string): Promise<Value> {
  const name = quoted(column)
  const text = engine.dialect === 'postgres' ? `${name}::text` : name
  const [row] = await engine.rows<{ value: Value }>(
    `select value from (select ${text} as value from ${quoted(table)} where ${name} is not null
      limit ${SAMPLED_ROWS}) sampled group by value order by count(*), value limit 1`,
  )
  return row?.value ?? null
}

/** The median of a few, or the first when that alone takes long. */
async function time(engine: Engine, sql: string): Promise<number> {
  const times: number[] = []
  while (times.length < TIMES && (times[0] ?? 0) < REPEATED_BELOW_MS) {
    const startedAt = performance.now()
    await engine.rows(sql)
    times.push(performance.now() - startedAt)
  }
  return rounded(times.sort((a, b) => a - b)[times.length >> 1] ?? 0)
}

export const rounded = (ms: number) => Math.round(ms * 1_000) / 1_000

/** Bytes that an index on these columns will take, about: rows times what the first thousand need. */
export async function estimatedBytes(
  engine: Engine,
  survey: Survey,
  table: string,
  columns: readonly string[],
) {
  const seen = survey.tables.find(({ name }) => name === table)
  if (!seen || seen.rows === 0) return 0
  const known = columns.filter((column) => seen.columns.includes(column)).map(quoted)
  const width = engine.dialect === 'postgres' ? 'pg_column_size' : 'octet_length'
  const sum = known.map((column) => `coalesce(avg(${width}(${column})), 1)`).join(' + ') || '8'
  const list = known.join(', ') || '1'
  const [row] = await engine.rows<{ bytes: number | string }>(
    `select ${sum} as bytes from (select ${list} from ${quoted(table)} limit 1000) sampled`,
  )
  const entry = ENTRY[engine.dialect]
  return Math.round(seen.rows * (Number(row?.bytes ?? 8) + entry.bytes) * entry.filled)
}
