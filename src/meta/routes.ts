import Type from 'typebox'
import { anyone } from '../accounts/callers.ts'
import type { App } from '../app.ts'
import { docsPage } from '../http/docs.ts'
import type { Page } from '../http/html.ts'
import { openApiOf } from '../http/openapi.ts'
import { type Route, route } from '../http/route.ts'
import { VERSION } from '../lib/version.ts'
import { scraper } from './callers.ts'
import { HealthCheck } from './health.ts'
import { statusRoute } from './status.routes.ts'

const TAG = 'Health and meta'
const Percent = Type.Number({ minimum: 0, maximum: 100 })
const Check = Type.Union([Type.Literal('ok'), Type.Literal('failed'), Type.Literal('not used')])
const Status = Type.Object({ status: Type.String() })

const Health = Type.Object({
  status: Type.Union([Type.Literal('healthy'), Type.Literal('degraded'), Type.Literal('unhealthy')]),
  timestamp: Type.String({ format: 'date-time' }),
  version: Type.String(),
  uptime_s: Type.Integer(),
  memory_percent: Percent,
  cpu_percent: Percent,
  checks: Type.Object({ database: Check, queue: Check, cache_bus: Check }),
})

/** What is told about the server itself; `rest` are all other routes, which the documentation shows. */
export function metaRoutes(app: App, rest: Route[]): Route[] {
  const hearsOthers = app.config.databaseUrl ? () => app.caches.isTrusted() : null
  const health = new HealthCheck(app.storage, app.clock, hearsOthers, () => app.metrics.ledger.lagMs())
  const meta = [...healthRoutes(app, health), metricsRoute(app), statusRoute(app, health)]
  const everything = () => [...meta, ...documents, ...rest]
  const documents = documentRoutes(everything)
  return [...meta, ...documents]
}

function healthRoutes(app: App, health: HealthCheck): Route[] {
  return [
    route({
      method: 'GET',
      path: '/health',
      summary: 'How the server is; 503 when its database fails',
      tag: TAG,
      caller: anyone,
      reply: Health,
      targetMs: 500,
      vital: true,
      cache: {
        ttlSeconds: 60,
        tags: () => [],
        stands: () => app.storage.answersNow() && !health.ledgerIsBehind(),
      },
      handle: async ({ reply }) => {
        const seen = await health.look()
        if (seen.status === 'unhealthy') reply.status = 503
        return seen
      },
    }),
    route({
      method: 'GET',
      path: '/healthz',
      summary: 'The process lives',
      tag: TAG,
      caller: anyone,
      reply: Status,
      targetMs: 500,
      vital: true,
      handle: () => ({ status: 'alive' }),
    }),
    route({
      method: 'GET',
      path: '/readyz',
      summary: 'Ready for requests; 503 while it stops, or without its database',
      tag: TAG,
      caller: anyone,
      reply: Status,
      targetMs: 500,
      vital: true,
      handle: async ({ reply }) => {
        if (!app.draining && (await health.databaseAnswers())) return { status: 'ready' }
        reply.status = 503
        return { status: app.draining ? 'draining' : 'database failed' }
      },
    }),
  ]
}

/** For a port of its own, which only this machine reaches: whoever asks there may read. */
export const metricsPortRoutes = (app: App): Route[] => [metricsRoute(app, anyone)]

const metricsRoute = (app: App, caller = scraper(app)) =>
  route({
    method: 'GET',
    path: '/metrics',
    summary: 'Metrics for Prometheus',
    tag: TAG,
    caller,
    produces: 'text/plain',
    targetMs: 500,
    vital: true,
    handle: async () => {
      const { registry } = app.metrics
      return new Response(await registry.metrics(), { headers: { 'content-type': registry.contentType } })
    },
  })

function documentRoutes(everything: () => Route[]): Route[] {
  const openApi = once(() => openApiOf(everything(), VERSION))
  const docs = once(() => docsPage(everything(), VERSION))
  return [
    route({
      method: 'GET',
      path: '/openapi.json',
      summary: 'This API as OpenAPI 3.1',
      tag: TAG,
      caller: anyone,
      reply: Type.Object({ openapi: Type.String() }),
      targetMs: 1_000,
      // A quarter of a megabyte: made, hashed and compressed once.
      cache: { ttlSeconds: 86_400, tags: () => [], shared: true },
      handle: openApi,
    }),
    route({
      method: 'GET',
      path: '/docs',
      summary: 'This API for people',
      tag: TAG,
      caller: anyone,
      produces: 'text/html',
      targetMs: 1_000,
      handle: () => html(docs()),
    }),
  ]
}

const html = ({ html: text, headers }: Page) => new Response(text, { headers })

/** Made when it is first asked for, so that a start doesn't pay for it. */
function once<T>(make: () => T) {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}
