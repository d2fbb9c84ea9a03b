import type { Answer, Shown } from './evidence.ts'
import type { CostedFinding, Examination } from './examine.ts'
import type { Outcome, Undone } from './optimize.ts'

// As programs get them, over HTTP and with --json: the same in both.

export const findingShape = (finding: CostedFinding) => ({
  id: finding.id,
  level: finding.level,
  what: finding.what,
  why: finding.why,
  advice: finding.advice,
  evidence: finding.evidence,
  sql: finding.sql,
  applied: finding.applied,
  estimated_bytes: finding.estimatedBytes,
  writes: finding.writes,
})

const answerShape = ({ plan, ms }: Answer) => ({ plan, ms })

const questionShape = ({ finding, question, index, sql, before, after }: Shown) => ({
  ...{ finding, question, index, sql },
  before: answerShape(before),
  after: after && answerShape(after),
})

export const examinationShape = (seen: Examination) => ({
  database: seen.where,
  version: seen.version,
  made_by_zimmer: seen.isOurs,
  bytes: seen.bytes,
  wal_bytes: seen.walBytes,
  free_bytes: seen.freeBytes,
  settings: seen.settings,
  tables: seen.tables,
  indexes: seen.indexes.map(({ name, table, columns, servedBy }) => ({
    ...{ name, table, columns },
    served_by: servedBy,
  })),
  findings: seen.findings.map(findingShape),
  questions: seen.questions.map(questionShape),
  slowest_statements: seen.slowest.map(({ name, sql, calls, meanMs, maxMs, plan }) => ({
    ...{ name, sql, calls, plan },
    mean_ms: meanMs,
    max_ms: maxMs,
  })),
})

export const outcomeShape = (outcome: Outcome) => ({
  database: outcome.where,
  dry_run: outcome.dryRun,
  rehearsed: outcome.rehearsed,
  run: outcome.run,
  interrupted: outcome.interrupted,
  steps: outcome.steps.map(({ estimatedBytes, ...step }) => ({ ...step, estimated_bytes: estimatedBytes })),
  questions: outcome.questions.map(questionShape),
  note: outcome.note,
  left: outcome.left.map(findingShape),
})

export const undoneShape = ({ where, run, steps }: Undone) => ({ database: where, run, steps })
