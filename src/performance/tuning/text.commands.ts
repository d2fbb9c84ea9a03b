import { bytes, facts, grouped, table } from '../../cli/table.ts'
import { type Answer, gist, type Shown } from './evidence.ts'
import type { CostedFinding, Examination } from './examine.ts'
import type { Outcome, Step, Undone } from './optimize.ts'

/** As people read it on a terminal. */
export function examinationSections(seen: Examination): [title: string, body: string][] {
  const served = seen.indexes.map(({ name, servedBy }) => [
    name,
    servedBy === null ? 'MISSING' : servedBy === name ? 'present' : `present as ${servedBy}`,
  ])
  const settings = seen.settings.map(({ name, value, wanted, scope }) => [
    name,
    wanted === null || wanted === value ? value : `${value}, planned ${wanted}${TOLD[scope] ?? ''}`,
  ])
  const sections: [string, string][] = [
    [
      'Database',
      facts({
        at: seen.where,
        version: seen.version,
        'made by': seen.isOurs ? 'Zimmer' : 'another program',
        size: bytes(seen.bytes),
        ...(seen.dialect === 'sqlite' && { free: bytes(seen.freeBytes) }),
        ...(seen.walBytes !== null && { 'write-ahead log': bytes(seen.walBytes) }),
      }),
    ],
    ['Settings', facts(Object.fromEntries(settings))],
    [
      'Tables',
      facts(Object.fromEntries(seen.tables.map(({ name, rows }) => [name, `${grouped(rows)} rows`]))),
    ],
    ['Indexes', facts(Object.fromEntries(served))],
  ]
  if (seen.questions.length > 0) sections.push(['Questions to this data', questionTable(seen.questions)])
  if (seen.slowest.length > 0) {
    const rows = seen.slowest
      .slice(0, 10)
      .map((one) => [one.name, one.calls, one.meanMs, one.maxMs, gist(one)])
    sections.push([
      'Slowest statements',
      indented(table(['statement', 'calls', 'mean ms', 'max ms', 'plan'], rows)),
    ])
  }
  return sections
}

const TOLD: Record<string, string> = { connection: ' (each connection of Zimmer sets it)' }

const indented = (text: string) => text.replaceAll(/^/gm, '  ')

const milliseconds = ({ ms }: Answer) => ms ?? 'not tried'

/** With the answers after a change beside them, where there are any. */
export function questionTable(questions: readonly Shown[]): string {
  if (questions.every(({ after }) => after === null)) {
    return indented(
      table(
        ['question', 'plan', 'ms'],
        questions.map(({ question, before }) => [question, gist(before), milliseconds(before)]),
      ),
    )
  }
  return indented(
    table(
      ['question', 'before', 'ms', 'after', 'ms'],
      questions.map(({ question, before, after }) => [
        question,
        gist(before),
        milliseconds(before),
        ...(after ? [gist(after), milliseconds(after)] : ['', '']),
      ]),
    ),
  )
}

/** One finding: what, why, what speaks for it, what mends it and at which cost. */
export function findingText(finding: CostedFinding, questions: readonly Shown[] = []): string {
  const { id, what, why, evidence, sql, writes, estimatedBytes, advice } = finding
  const asked = questions.filter((question) => question.finding === id)
  const lines = [
    `- ${what}  [${id}]`,
    why && `  why: ${why}`,
    ...evidence.map((fact) => `  seen: ${fact}`),
    ...asked.map(
      ({ question, before }) => `  seen: ${question}: ${gist(before)}, ${milliseconds(before)} ms`,
    ),
    ...sql.map((statement) => `  sql: ${statement}`),
    estimatedBytes !== null && `  cost: about ${signed(estimatedBytes)} of disk; ${writes}`,
    advice && `  → ${advice}`,
  ]
  return indented(lines.filter(Boolean).join('\n'))
}

const signed = (size: number) => (size < 0 ? `-${bytes(-size)}` : bytes(size))

export function outcomeText(outcome: Outcome): string {
  const { steps, dryRun, questions, left, run, interrupted } = outcome
  const parts = [`${outcome.where}${dryRun ? ': nothing is changed' : ''}`]
  if (steps.length === 0) parts.push('Nothing to mend.')
  else parts.push(steps.map((step) => stepText(step, questions)).join('\n'))
  if (questions.length > 0 && steps.length > 0)
    parts.push(`${beforeAfter(outcome)}\n${questionTable(questions)}`)
  if (left.length > 0) parts.push(`Left as it is\n${left.map((finding) => findingText(finding)).join('\n')}`)
  if (interrupted) parts.push('Interrupted: run it again for the rest.')
  if (run !== null) parts.push('The same with --undo takes this back.')
  return parts.join('\n\n')
}

function beforeAfter({ dryRun, rehearsed, note }: Outcome) {
  if (!dryRun) return 'Before and after'
  return `Before${rehearsed ? ', and after on a copy' : ''}${note ? ` (${note})` : ''}`
}

const STATES: Record<Step['state'], string> = {
  planned: 'would',
  applied: 'done',
  already: 'there',
  failed: 'FAILED',
  left: 'left',
}

const change = (before: Answer, after: Answer | null) =>
  before.ms === null || typeof after?.ms !== 'number'
    ? `${gist(before)} → ${after ? gist(after) : '?'}`
    : `${before.ms} → ${after.ms} ms`

function stepText(
  { state, sql, finding, ms, bytes: size, estimatedBytes, writes, error }: Step,
  questions: readonly Shown[],
) {
  const asked = questions.filter((question) => question.finding === finding && question.after)
  const cost = [
    ms !== null && `${ms} ms`,
    size ? signed(size) : size === null && estimatedBytes !== null && `about ${signed(estimatedBytes)}`,
    writes,
  ].filter(Boolean)
  const lines = [
    ...sql.map((statement, line) => `${(line === 0 ? STATES[state] : '').padEnd(6)}  ${statement};`),
    cost.length > 0 && `        ${cost.join('; ')}`,
    ...asked.map(({ question, before, after }) => `        ${question}: ${change(before, after)}`),
    error && `        ${error}`,
  ]
  return lines.filter(Boolean).join('\n')
}

export function undoneText({ where, run, steps }: Undone): string {
  if (run === null) return `${where}: there is nothing to take back.`
  const lines = steps.map(({ finding, undo, error }) => {
    const what =
      undo.length > 0 ? undo.map((sql) => `${sql};`).join('\n        ') : `nothing to do for ${finding}`
    return error === null ? `done    ${what}` : `FAILED  ${what}\n        ${error}`
  })
  return [where, ...lines].join('\n')
}
