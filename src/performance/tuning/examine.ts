import { Refusal } from '../../lib/refusal.ts'
import type { Engine, SettingSeen, Survey } from '../../storage/engine.ts'
import { ask, estimatedBytes, type Filled, questionsFor, type Shown } from './evidence.ts'
import type { Finding } from './finding.ts'
import { findingsOf, serving } from './findings.ts'
import { isZimmers, type PlannedIndex, plannedFor } from './planned.ts'
import { type RecordedStatement, slowStatements } from './slow.ts'

/** A finding with what it would cost to mend, as far as that can be told beforehand. */
export interface CostedFinding extends Finding {
  /** As they would be sent. */
  sql: string[]
  /** Disk that it takes, about; negative when it gives back; null when it makes no difference. */
  estimatedBytes: number | null
  /** What each write will cost more, or less. */
  writes: string
}

/** What was seen of a database. Nothing was changed. */
export interface Examination {
  where: string
  dialect: Survey['dialect']
  version: string
  /** false: another program made it, and it is held to the plan alone. */
  isOurs: boolean
  bytes: number
  walBytes: number | null
  freeBytes: number
  settings: SettingSeen[]
  tables: { name: string; rows: number }[]
  /** The plan's, each with the index that does its work; null when none does. */
  indexes: { name: string; table: string; columns: string[]; servedBy: string | null }[]
  findings: CostedFinding[]
  questions: Shown[]
  slowest: RecordedStatement[]
}

/** What the steps of an optimization go by. */
export interface Look {
  survey: Survey
  planned: PlannedIndex[]
  findings: Finding[]
  slowest: RecordedStatement[]
}

/** Beyond this the check of a file takes too long to be made in passing. */
const CHECKED_BYTES = 1e9

/**
 * @param check whether the file's own structure is looked through first, which reads all of it.
 * @throws Refusal `database_damaged`.
 * @throws Refusal `database_foreign`: nothing of a Zimmer is in it.
 */
export async function surveyOurs(engine: Engine, check = false): Promise<Survey> {
  const damage = check ? await engine.damage(CHECKED_BYTES) : []
  if (damage.length > 0) {
    const advice = 'put a backup in its place; nothing was changed'
    throw new Refusal(
      'conflict',
      'database_damaged',
      `${engine.where}: it is damaged (${damage.join('; ')}): ${advice}`,
    )
  }
  const survey = await engine.survey()
  if (isZimmers(survey)) return survey
  throw new Refusal(
    'conflict',
    'database_foreign',
    `${engine.where}: it has no table of a Zimmer, so it belongs to another program; nothing was changed`,
  )
}

/** @throws Refusal as `surveyOurs` does. */
export async function look(engine: Engine, check = false): Promise<Look> {
  const survey = await surveyOurs(engine, check)
  const planned = plannedFor(survey)
  const { slowest, findings } = await slowStatements(engine, survey, planned)
  return { survey, planned, slowest, findings: [...findingsOf(survey, planned), ...findings] }
}

/** Looks at a database, and asks it the plan's questions. */
export async function examine(engine: Engine, { check = false } = {}): Promise<Examination> {
  const seen = await look(engine, check)
  const { survey, planned, findings, slowest } = seen
  const questions = await questionsFor(engine, seen)
  const answers = await ask(engine, survey, questions)
  return {
    where: engine.where,
    dialect: survey.dialect,
    version: survey.version,
    isOurs: survey.migrations !== null,
    bytes: survey.bytes,
    walBytes: survey.walBytes,
    freeBytes: survey.freeBytes,
    settings: survey.settings,
    tables: survey.tables.map(({ name, rows }) => ({ name, rows })),
    indexes: planned.map((wanted) => ({
      name: wanted.name,
      table: wanted.table,
      columns: wanted.columns,
      servedBy: serving(survey, wanted, planned)?.name ?? null,
    })),
    findings: await costed(engine, survey, findings),
    questions: questions.map((question, position) => shown(question, answers[position], undefined)),
    slowest,
  }
}

export const shown = (
  { finding, question, index, sql }: Filled,
  before: Shown['before'] | undefined,
  after: Shown['before'] | undefined,
): Shown => ({
  ...{ finding, question, index, sql },
  before: before ?? { plan: [], ms: null },
  after: after ?? null,
})

export async function costed(engine: Engine, survey: Survey, findings: readonly Finding[]) {
  const all: CostedFinding[] = []
  for (const finding of findings) {
    const sql = finding.change ? engine.script(finding.change) : []
    all.push({ ...finding, sql, ...(await costOf(engine, survey, finding)) })
  }
  return all
}

async function costOf(engine: Engine, survey: Survey, { change }: Finding) {
  if (change?.kind === 'create_index') {
    const columns = change.sql.slice(change.sql.indexOf('(')).match(/\w+/g) ?? []
    return {
      estimatedBytes: await estimatedBytes(engine, survey, change.table, [...new Set(columns)]),
      writes: `each new row of ${change.table}, and each change of these columns, writes one entry more`,
    }
  }
  if (change?.kind === 'drop_index') {
    const seen = survey.indexes.find(({ name }) => name === change.name)
    // SQLite tells no sizes of indexes without reading them.
    const bytes = seen?.bytes ?? (await estimatedBytes(engine, survey, change.table, seen?.columns ?? []))
    return {
      estimatedBytes: bytes ? -bytes : null,
      writes: `each new row of ${change.table} writes one entry less`,
    }
  }
  return { estimatedBytes: null, writes: '' }
}
