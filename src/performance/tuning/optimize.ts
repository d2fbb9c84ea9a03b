import { Refusal } from '../../lib/refusal.ts'
import type { Applied, Engine } from '../../storage/engine.ts'
import { ask, type Filled, questionsFor, type Shown } from './evidence.ts'
import { type CostedFinding, costed, type Look, look, shown, surveyOurs } from './examine.ts'
import type { Finding } from './finding.ts'

export interface Wishes {
  /** Only this finding. */
  id?: string | undefined
  /** Only the finding with this id, or of this index or table. */
  only?: string | undefined
  /** Also drop what is needless. */
  drop?: boolean | undefined
  /** Change nothing: say what would be done, and try it on a copy where that can be had. */
  dryRun?: boolean | undefined
  /** Look for damage first: see `look`. */
  check?: boolean | undefined
  /** While a server answers requests: tables up to so many rows, and nothing that needs the database to itself. */
  onlineRows?: number | undefined
  nowMs: number
}

/** How whoever runs it takes part. */
export interface Hands {
  /** Before each step, and now and then within a long one. */
  onProgress?(at: { step: number; of: number; finding: string; percent: number | null }): void
  /** A step runs inside: the server lets nobody else write meanwhile. */
  turn?<T>(work: () => Promise<T>): Promise<T>
  signal?: AbortSignal
}

export interface Step {
  finding: string
  what: string
  sql: string[]
  /** `planned` in a dry run; `already` when somebody was faster; `left` after an interruption. */
  state: 'planned' | 'applied' | 'already' | 'failed' | 'left'
  /** Measured; in a dry run on the copy, if there was one with rows. */
  ms: number | null
  bytes: number | null
  estimatedBytes: number | null
  writes: string
  /** Why it failed. */
  error: string | null
}

export interface Outcome {
  where: string
  dryRun: boolean
  /** In a dry run: whether it was tried on a copy with all rows, on an empty one, or not at all. */
  rehearsed: 'rows' | 'plans' | null
  /** What `undo` takes back; null when nothing was changed. */
  run: number | null
  steps: Step[]
  questions: Shown[]
  /** In words, why questions have no answer after the change, or none with a time. */
  note: string | null
  /** Findings for which nothing was done. */
  left: CostedFinding[]
  interrupted: boolean
}

/** Up to here a dry run tries the changes on a copy of the whole database. */
const COPIED_BYTES = 256e6

/**
 * Mends what was found: each change by itself, beside whoever uses the database. Interrupted it leaves whole steps, and
 * run again it does the rest.
 *
 * @throws Refusal `finding_unknown` (missing): `only` names nothing that was found and can be mended.
 * @throws Refusal `not_online` (conflict): with `onlineRows`.
 * @throws Refusal `database_foreign`, and what an engine says of a database that it can't use.
 */
export async function optimize(engine: Engine, wishes: Wishes, hands: Hands = {}): Promise<Outcome> {
  const seen = await look(engine, wishes.check)
  const chosen = choose(seen, wishes)
  if (wishes.onlineRows !== undefined) refuseOffline(seen, chosen, wishes.onlineRows)
  const findings = await costed(engine, seen.survey, chosen)
  const questions = await questionsFor(engine, { ...seen, findings: chosen })
  const before = await ask(engine, seen.survey, questions)
  const left = await costed(
    engine,
    seen.survey,
    seen.findings.filter((finding) => !chosen.includes(finding)),
  )
  const compared = (after: Shown['before'][]) =>
    questions.map((question, position) => shown(question, before[position], after[position]))
  const outcome = { where: engine.where, left, questions: compared([]), note: null, interrupted: false }
  if (wishes.dryRun) {
    const tried = findings.length > 0 ? await rehearse(engine, { seen, findings, questions }) : null
    return {
      ...outcome,
      dryRun: true,
      rehearsed: tried ? (tried.hasRows ? 'rows' : 'plans') : null,
      run: null,
      steps: tried?.steps ?? findings.map(planned),
      questions: compared(tried?.answers ?? []),
      note: noteOf(engine, findings.length, tried?.hasRows),
    }
  }
  const { run, steps } = await carryOut(engine, findings, { nowMs: wishes.nowMs, hands })
  const changed = steps.some(({ state }) => state === 'applied')
  return {
    ...outcome,
    dryRun: false,
    rehearsed: null,
    run: changed ? run : null,
    steps,
    questions: compared(changed && !hands.signal?.aborted ? await ask(engine, seen.survey, questions) : []),
    interrupted: hands.signal?.aborted ?? false,
  }
}

/** @param hasRows of the copy that it was tried on; undefined without one. */
function noteOf({ dialect }: Engine, changes: number, hasRows: boolean | undefined) {
  if (changes === 0 || hasRows) return null
  if (hasRows === false)
    return 'the database is too large to copy it for a trial: plans are expected, times unknown'
  if (dialect === 'sqlite') return null
  return 'PostgreSQL has no cheap copy of a database to try changes on, and a trial on the real one would lock it: plan and time after a change show when it is applied, and --undo takes it back'
}

function choose({ findings }: Look, { id: exact, only = exact, drop = false }: Wishes) {
  const wanted = findings.filter((finding) => {
    if (!finding.change) return false
    if (only !== undefined) {
      const { id } = finding
      return id === only || (exact === undefined && id.slice(id.indexOf(':') + 1) === only)
    }
    return finding.applied === 'always' || (drop && finding.applied === 'drop')
  })
  if (only !== undefined && wanted.length === 0) {
    throw new Refusal('missing', 'finding_unknown', `nothing that can be mended is called ${only}`)
  }
  // What is dropped comes last: until then the index that takes its place may have been missing.
  const isDrop = ({ applied }: Finding) => (applied === 'drop' ? 1 : 0)
  return wanted.sort((a, b) => isDrop(a) - isDrop(b))
}

function refuseOffline({ survey }: Look, chosen: readonly Finding[], mostRows: number) {
  for (const { id, change } of chosen) {
    const alone = survey.dialect === 'sqlite' && (change?.kind === 'vacuum' || change?.kind === 'set')
    const table = change?.kind === 'create_index' ? change.table : null
    const rows = survey.tables.find(({ name }) => name === table)?.rows ?? 0
    if (!alone && rows <= mostRows) continue
    const why = alone ? 'needs the database to itself' : `takes long with ${rows} rows`
    const message = `This ${why}: in a quiet hour run \`zimmer optimize --only ${id}\``
    throw new Refusal('conflict', 'not_online', message)
  }
}

const planned = ({ id, what, sql, estimatedBytes, writes }: CostedFinding): Step => ({
  ...{ finding: id, what, sql, estimatedBytes, writes },
  state: 'planned',
  ms: null,
  bytes: null,
  error: null,
})

interface Rehearsing {
  seen: Look
  findings: CostedFinding[]
  questions: Filled[]
}

async function rehearse(engine: Engine, { seen, findings, questions }: Rehearsing) {
  const copy = await engine.rehearse(COPIED_BYTES)
  if (!copy) return null
  try {
    const { steps } = await carryOut(copy.engine, findings, { nowMs: 0, hands: {} })
    const answers = await ask(copy.engine, seen.survey, questions)
    return {
      hasRows: copy.hasRows,
      answers: copy.hasRows ? answers : answers.map(({ plan }) => ({ plan, ms: null })),
      steps: steps.map(
        (step): Step => ({
          ...step,
          state: step.state === 'failed' ? 'failed' : 'planned',
          ms: copy.hasRows ? step.ms : null,
          bytes: copy.hasRows ? step.bytes : null,
        }),
      ),
    }
  } finally {
    await copy.engine.close()
  }
}

async function carryOut(
  engine: Engine,
  findings: readonly CostedFinding[],
  { nowMs, hands }: { nowMs: number; hands: Hands },
) {
  const steps = findings.map((finding) => ({ ...planned(finding), state: 'left' }) as Step)
  if (findings.length === 0) return { run: 0, steps }
  const turn = hands.turn ?? ((work) => work())
  const stop = () => void engine.cancel()
  hands.signal?.addEventListener('abort', stop)
  try {
    return await engine.exclusively(async () => {
      const run = ((await engine.lastRun())[0]?.run ?? 0) + 1
      for (const [position, finding] of findings.entries()) {
        if (hands.signal?.aborted) break
        const at = { step: position + 1, of: findings.length, finding: finding.id }
        hands.onProgress?.({ ...at, percent: null })
        try {
          const done = await turn(() => one(engine, finding, { run, nowMs, hands, at }))
          Object.assign(steps[position] as Step, done)
        } catch (error) {
          // A step that was interrupted has left nothing behind.
          if (hands.signal?.aborted) break
          Object.assign(steps[position] as Step, { state: 'failed', error: (error as Error).message })
          // Locked, full, without rights: it would be the same for the others, but settings ask for more.
          if (error instanceof Refusal && finding.change?.kind !== 'set') break
        }
      }
      return { run, steps }
    })
  } finally {
    hands.signal?.removeEventListener('abort', stop)
  }
}

interface Doing {
  run: number
  nowMs: number
  hands: Hands
  at: { step: number; of: number; finding: string }
}

async function one(
  engine: Engine,
  { id, change }: CostedFinding,
  { run, nowMs, hands, at }: Doing,
): Promise<Partial<Step>> {
  if (!change) return {}
  const cost = await engine.perform(change, { run, finding: id, nowMs }, (percent) =>
    hands.onProgress?.({ ...at, percent }),
  )
  return cost ? { state: 'applied', ms: Math.round(cost.ms), bytes: cost.bytes } : { state: 'already' }
}

export interface Undone {
  where: string
  /** null when there was nothing to take back. */
  run: number | null
  /** Newest first. */
  steps: (Pick<Applied, 'finding' | 'sql' | 'undo'> & { error: string | null })[]
}

/**
 * Takes back the last run, newest step first; the one before it is then the last. What fails stays on record.
 *
 * @throws Refusal as `surveyOurs` does.
 */
export async function undoLast(engine: Engine, hands: Hands = {}, check = false): Promise<Undone> {
  await surveyOurs(engine, check)
  const turn = hands.turn ?? ((work) => work())
  return engine.exclusively(async () => {
    const last = await engine.lastRun()
    const steps: Undone['steps'] = []
    for (const [position, step] of last.entries()) {
      if (hands.signal?.aborted) break
      const { finding, sql, undo } = step
      hands.onProgress?.({ step: position + 1, of: last.length, finding, percent: null })
      const error = await turn(() => engine.takeBack(step)).then(
        () => null,
        (failed: Error) => failed.message,
      )
      if (error !== null && hands.signal?.aborted) break
      steps.push({ finding, sql, undo, error })
    }
    return { where: engine.where, run: last[0]?.run ?? null, steps }
  })
}
