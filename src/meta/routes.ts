import Type from 'typebox'
import { anyone } from '../accounts/callers.ts'
import type { App } from '../app.ts'
import { docsPage } from '../http/docs.ts'
import { escaped, type Page, page } from '../http/html.ts'
import type { Incoming } from '../http/incoming.ts'
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
  const documents = documentRoutes(app, everything)
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

function documentRoutes(app: App, everything: () => Route[]): Route[] {
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
      handle: ({ request }) => html(rootPage(app.config.publicUrl ?? originOf(request))),
    }),
  ]
}

const html = ({ html: text, headers }: Page) => new Response(text, { headers })

/** As whoever asks has reached us, which a strange Host header hides. */
const originOf = ({ raw }: Incoming) => (URL.canParse(raw.url) ? new URL(raw.url).origin : '')

/** What to type in Zimmer's folder; where that lies is nobody's business. */
const SHORT_COMMAND = Bun.isStandaloneExecutable ? './zimmer' : 'npx zimmer'

const rootPage = (origin: string) =>
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
<p>While nobody manages it, a one-time link for the first manager is printed where the server is started (the demo
prints its sign-ins there). Another way, in its folder:</p>
<pre tabindex="0">${SHORT_COMMAND} admin create --email you@example.com --name You --role manager</pre>
<p>Then sign in, and send the <code>access_token</code> of the reply as <code>Authorization: Bearer</code>:</p>
<pre tabindex="0">curl -s ${escaped(origin)}/api/auth/login -H 'Content-Type: application/json' \\
  -d '{"email": "you@example.com", "password": "…"}'</pre>
<p>From there to a customer who pays for real work, command by command: <code>examples/summarizer/README.md</code> in
Zimmer's folder.</p>
<p>Something wrong? <code>${SHORT_COMMAND} doctor</code> looks at the configuration and the database and says what to do.</p>
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
