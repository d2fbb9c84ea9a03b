import Type from 'typebox'
import { callers } from '../../accounts/callers.ts'
import type { App } from '../../app.ts'
import { type Route, route } from '../../http/route.ts'
import { Refusal } from '../../lib/refusal.ts'
import { explainPlan } from '../../storage/explain.ts'
import { DEFAULT_RANGE } from '../ranges.ts'
import { performanceReport } from '../report.ts'
import { recordedSql, SORTS, slowQueries } from '../slow-queries.ts'
import { keeperOf } from './keeper.ts'
import { Explained, Report, rangeQuery, SlowQueries } from './shapes.ts'

const TAG = 'Staff: performance'
const REPORT_SECONDS = 3
const SHOWN = 20
const SHOWN_MOST = 100

export function reportRoutes(app: App): Route[] {
  const { staff, admins } = callers(app)
  const keeper = keeperOf(app)
  return [
    route({
      method: 'GET',
      path: '/api/admin/performance',
      summary: 'Response times, database, caches, memory and CPU against their targets',
      tag: TAG,
      caller: staff,
      query: Type.Object(rangeQuery, { additionalProperties: false }),
      reply: Report,
      targetMs: 800,
      vital: true,
      // However many look at it, and ask again every few seconds.
      cache: { ttlSeconds: REPORT_SECONDS, shared: true, tags: () => [] },
      handle: ({ query: { range = DEFAULT_RANGE, node } }) =>
        performanceReport(app.db, { range, node, now: app.clock(), live: keeper.live() }),
    }),
    route({
      method: 'GET',
      path: '/api/admin/performance/slow-queries',
      summary: 'The statements that the database spent the most time on',
      tag: TAG,
      caller: staff,
      query: Type.Object(
        {
          ...rangeQuery,
          sort: Type.Optional(Type.Enum([...SORTS], { description: 'By which time; total unless given' })),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: SHOWN_MOST })),
        },
        { additionalProperties: false },
      ),
      reply: SlowQueries,
      targetMs: 800,
      handle: async ({ query: { range = DEFAULT_RANGE, node, sort = 'total', limit = SHOWN } }) => {
        const recorded = { live: keeper.live(), liveSql: keeper.liveSql() }
        const question = { range, node, sort, limit, now: app.clock(), ...recorded }
        return { range, statements: await slowQueries(app.db, question) }
      },
    }),
    route({
      method: 'POST',
      path: '/api/admin/performance/slow-queries/:name/explain',
      summary: 'How the database would run a recorded statement; it is not run',
      tag: TAG,
      caller: admins,
      params: Type.Object({ name: Type.String({ pattern: '^\\w{1,120}$' }) }),
      reply: Explained,
      targetMs: 800,
      handle: async ({ params: { name } }) => {
        const sql = keeper.liveSql().get(name) || (await recordedSql(app.db, name))
        if (!sql) throw new Refusal('missing', 'no_such_statement', 'No statement of that name was recorded')
        const { lines, note } = await explainPlan(app.storage, sql)
        return { name, sql, plan: lines, note }
      },
    }),
  ]
}
