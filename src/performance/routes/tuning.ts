import Type from 'typebox'
import { recordAction } from '../../accounts/accounts.ts'
import { callers, type Principal } from '../../accounts/callers.ts'
import type { App } from '../../app.ts'
import type { Incoming } from '../../http/incoming.ts'
import { type Route, route } from '../../http/route.ts'
import { Mutex } from '../../lib/mutex.ts'
import { SECOND_MS } from '../../lib/time.ts'
import { Kept } from '../kept.ts'
import { applyFinding, listFindings, undoLastRun } from '../tuning/online.ts'
import { examinationShape, outcomeShape, undoneShape } from '../tuning/shapes.ts'
import type { Place } from '../tuning/tuning.ts'

const TAG = 'Staff: performance'
const strict = { additionalProperties: false }
const MaybeNumber = Type.Union([Type.Number(), Type.Null()])
const MaybeText = Type.Union([Type.String(), Type.Null()])
const Lines = Type.Array(Type.String())

const Finding = Type.Object({
  id: Type.String(),
  level: Type.Union([Type.Literal('problem'), Type.Literal('hint')]),
  what: Type.String(),
  why: Type.String(),
  advice: Type.String(),
  evidence: Lines,
  sql: Type.Array(Type.String(), { description: 'What apply would send; empty when there is only advice' }),
  applied: Type.Union(
    [Type.Literal('always'), Type.Literal('drop'), Type.Literal('named'), Type.Literal('never')],
    {
      description: 'When zimmer optimize applies it: always, with --drop, with --only, or not at all',
    },
  ),
  estimated_bytes: MaybeNumber,
  writes: Type.String(),
})

const Answer = Type.Object({ plan: Lines, ms: MaybeNumber })
const Question = Type.Object({
  finding: Type.String({ description: 'The finding that it speaks for' }),
  question: Type.String(),
  index: Type.String(),
  sql: Type.String(),
  before: Answer,
  after: Type.Union([Answer, Type.Null()]),
})

const Examined = Type.Object({
  database: Type.String(),
  version: Type.String(),
  made_by_zimmer: Type.Boolean(),
  bytes: Type.Number(),
  wal_bytes: MaybeNumber,
  free_bytes: Type.Number(),
  settings: Type.Array(
    Type.Object({ name: Type.String(), value: Type.String(), wanted: MaybeText, scope: Type.String() }),
  ),
  tables: Type.Array(Type.Object({ name: Type.String(), rows: Type.Number() })),
  indexes: Type.Array(
    Type.Object({ name: Type.String(), table: Type.String(), columns: Lines, served_by: MaybeText }),
  ),
  findings: Type.Array(Finding),
  questions: Type.Array(Question),
  slowest_statements: Type.Array(
    Type.Object({
      name: Type.String(),
      sql: Type.String(),
      calls: Type.Number(),
      mean_ms: Type.Number(),
      max_ms: Type.Number(),
      plan: Lines,
    }),
  ),
})

const Applied = Type.Object({
  database: Type.String(),
  dry_run: Type.Boolean(),
  rehearsed: MaybeText,
  run: MaybeNumber,
  interrupted: Type.Boolean(),
  steps: Type.Array(
    Type.Object({
      finding: Type.String(),
      what: Type.String(),
      sql: Lines,
      state: Type.String(),
      ms: MaybeNumber,
      bytes: MaybeNumber,
      estimated_bytes: MaybeNumber,
      writes: Type.String(),
      error: MaybeText,
    }),
  ),
  questions: Type.Array(Question),
  note: MaybeText,
  left: Type.Array(Finding),
})

const Undone = Type.Object({
  database: Type.String(),
  run: MaybeNumber,
  steps: Type.Array(
    Type.Object({ finding: Type.String(), sql: Type.String(), undo: Lines, error: MaybeText }),
  ),
})

const SELDOM = { points: 30, seconds: 60 }
/** Looking starts a thread, or connections, and asks the database a dozen questions several times. */
const SEEN_SECONDS = 30

export function tuningRoutes(app: App): Route[] {
  const { admins, managers } = callers(app)
  const place = placeOf(app)
  const turns = new Mutex()
  const examined = new Kept({
    ttlMs: SEEN_SECONDS * SECOND_MS,
    clock: app.clock,
    make: async () => examinationShape(await turns.run(() => listFindings(place))),
  })
  /** Whatever comes of it, what was seen before is not so any more. */
  const change = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await turns.run(work)
    } finally {
      examined.drop()
    }
  }
  return [
    route({
      method: 'GET',
      path: '/api/admin/performance/findings',
      summary: 'What makes the database slow, the evidence, and what would mend it',
      tag: TAG,
      caller: admins,
      reply: Examined,
      targetMs: 1_000,
      handle: () => examined.get(),
    }),
    route({
      method: 'POST',
      path: '/api/admin/performance/findings/:id/apply',
      summary: 'Mend one finding while the server goes on; refused when that would take long',
      tag: TAG,
      caller: managers,
      params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 200 }) }, strict),
      body: Type.Object({}, strict),
      reply: Applied,
      limit: SELDOM,
      targetMs: 1_000,
      handle: async ({ caller, params: { id }, request }) => {
        const asked = { finding: id, asked: true }
        const { findings } = await examined.get()
        // What is none is refused, and nothing happens that would have to be on record.
        if (findings.some((finding) => finding.id === id)) {
          await record(app, { caller, request }, 'performance.apply', asked)
        }
        const outcome = outcomeShape(await change(() => applyFinding(place, id, app.clock())))
        const after = { finding: id, sql: outcome.steps.flatMap(({ sql }) => sql), run: outcome.run }
        await record(app, { caller, request }, 'performance.apply', after)
        return outcome
      },
    }),
    route({
      method: 'POST',
      path: '/api/admin/performance/undo',
      summary: 'Take back what was applied last, here or by zimmer optimize',
      tag: TAG,
      caller: managers,
      body: Type.Object({}, strict),
      reply: Undone,
      limit: SELDOM,
      targetMs: 1_000,
      handle: async ({ caller, request }) => {
        await record(app, { caller, request }, 'performance.undo', { asked: true })
        const undone = undoneShape(await change(() => undoLastRun(place)))
        const after = { run: undone.run, sql: undone.steps.flatMap(({ undo }) => undo) }
        await record(app, { caller, request }, 'performance.undo', after)
        return undone
      },
    }),
  ]
}

function placeOf({ storage, config }: App): Place {
  if (storage.dialect === 'sqlite') return { dialect: 'sqlite', file: storage.file, lock: storage.lock }
  return { dialect: 'postgres', url: config.databaseUrl ?? '' }
}

/** Once when it is asked for, as it may end with the server, and once when it is done. */
const record = (
  app: App,
  { caller, request }: { caller: Principal; request: Incoming },
  action: string,
  after: object,
) =>
  app.write((tx) =>
    recordAction(tx, {
      staffId: caller.userId,
      ip: request.address,
      requestId: request.id,
      ...{ action, after },
      targetType: 'database',
      targetId: null,
    }),
  )
