import Type from 'typebox'
import { anyone } from '../accounts/callers.ts'
import type { App } from '../app.ts'
import { docsPage, type Page, page } from '../http/docs.ts'
import { openApiOf } from '../http/openapi.ts'
import { type Route, route } from '../http/route.ts'
import { scraper } from './callers.ts'
import { HealthCheck } from './health.ts'
import { VERSION } from './version.ts'

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
  const health = new HealthCheck(app.storage, app.clock)
  const meta = [...healthRoutes(app, health), metricsRoute(app)]
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
      handle: async ({ reply }) => {
        if (!app.draining && (await health.databaseAnswers())) return { status: 'ready' }
        reply.status = 503
        return { status: app.draining ? 'draining' : 'database failed' }
      },
    }),
  ]
}

const metricsRoute = (app: App) =>
  route({
    method: 'GET',
    path: '/metrics',
    summary: 'Metrics for Prometheus',
    tag: TAG,
    caller: scraper(app),
    produces: 'text/plain',
    targetMs: 500,
    handle: async () => {
      const { registry } = app.metrics
      return new Response(await registry.metrics(), { headers: { 'content-type': registry.contentType } })
    },
  })

function documentRoutes(everything: () => Route[]): Route[] {
  const openApi = once(() => openApiOf(everything(), VERSION))
  const docs = once(() => docsPage(everything(), VERSION))
  const root = once(rootPage)
  return [
    route({
      method: 'GET',
      path: '/openapi.json',
      summary: 'This API as OpenAPI 3.1',
      tag: TAG,
      caller: anyone,
      reply: Type.Object({ openapi: Type.String() }),
      targetMs: 1_000,
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
    route({
      method: 'GET',
      path: '/',
      summary: 'What this is, and where to go from here',
      tag: TAG,
      caller: anyone,
      produces: 'text/html',
      targetMs: 1_000,
      handle: () => html(root()),
    }),
  ]
}

const html = ({ html: text, headers }: Page) => new Response(text, { headers })

const rootPage = () =>
  page(
    'Zimmer',
    `<header><h1>Zimmer <small>${VERSION}</small></h1>
<p>This is a running Zimmer: it sells AI automations as prepaid tokens.</p></header>
<main>
<ul>
<li><a href="/docs">The API</a> for people, and <a href="/openapi.json">openapi.json</a> for programs</li>
<li><a href="/health">Health</a>, and for machines <a href="/healthz">alive</a>, <a href="/readyz">ready</a></li>
</ul>
<h2>Next steps</h2>
<p>The server printed a one-time link for the first manager when it started. Another way, in its folder:</p>
<pre>npx zimmer admin create --email you@example.com --name You --role manager</pre>
<p>Then sign in and create an automation; the README goes through it command by command, with a real service.</p>
<pre>curl -s http://127.0.0.1:8000/api/auth/login -H 'Content-Type: application/json' \\
  -d '{"email": "you@example.com", "password": "…"}'</pre>
<p>Something wrong? <code>npx zimmer doctor</code> looks at the configuration and the database and says what to do.</p>
</main>`,
  )

/** Made when it is first asked for, so that a start doesn't pay for it. */
function once<T>(make: () => T) {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}
