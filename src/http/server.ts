import type { App } from '../app.ts'
import { Refusal } from '../lib/refusal.ts'
import { readJson } from './body.ts'
import { type BunRequest, type BunServer, Incoming, proxyRanges } from './incoming.ts'
import { type Limiter, limiter } from './limit.ts'
import { Observer } from './observe.ts'
import { problem, problemOf, problemResponse } from './problem.ts'
import { Outgoing, type Route } from './route.ts'
import { type Check, checker, coerce, queryOf } from './validate.ts'

/** More than this at once is refused early instead of answered late. */
const MAX_IN_FLIGHT = 2_048
/** What Bun reads before a route's own bound is asked. */
const MAX_READ_BYTES = 16 * 1_048_576
const IDLE_SECONDS = 30
const COMPRESS_FROM_BYTES = 2_048
const PREFLIGHT_SECONDS = 600

/** On every reply; an API has nothing to frame, sniff or keep. */
const SECURITY = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

type Handler = (raw: BunRequest, server: BunServer) => Promise<Response>

interface Parts {
  route: Route
  observer: Observer
  params: Check | undefined
  query: Check | undefined
  body: Check | undefined
  reply: Check | undefined
  limit: Limiter | undefined
}

export interface Serving {
  port: number
  url: string
  /** Stops listening and waits for what is in flight; with `force` it cuts those connections. */
  stop(force?: boolean): Promise<void>
}

export interface ServeOptions {
  /** Holds replies against their schema as well: for tests. */
  checkReplies?: boolean
  /** Asked for what no route has, before that is a 404: pages and files; null when it has nothing either. */
  pages?(request: Incoming): Promise<Response | null>
  /** Elsewhere than the configuration says. */
  listen?: { host: string; port: number }
}

/** Serves the routes; what they don't have is a 404 or a 405, as a problem. */
export function serve(app: App, routes: readonly Route[], options: ServeOptions = {}): Serving {
  const table: Record<string, Record<string, Handler>> = {}
  const kit = new Kit(app, options)
  for (const route of routes) {
    const methods = table[route.path] ?? {}
    table[route.path] = methods
    if (methods[route.method]) throw new Error(`${route.method} ${route.path} is declared twice`)
    methods[route.method] = kit.handler(route)
  }
  for (const methods of Object.values(table)) {
    const allowed = Object.keys(methods)
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      if (!methods[method]) methods[method] = kit.otherMethod(allowed)
    }
  }
  const { host, port } = options.listen ?? app.config
  app.metrics.eventLoop.start()
  app.onClose(() => app.metrics.eventLoop.stop())
  const server = Bun.serve({
    hostname: host,
    port,
    idleTimeout: IDLE_SECONDS,
    maxRequestBodySize: MAX_READ_BYTES,
    development: false,
    // Without development Bun would share a taken port, and each server would get some of the requests.
    reusePort: false,
    routes: table as never,
    fetch: (raw, self) => kit.unknownPath(raw as BunRequest, self as BunServer),
    error: (error) => {
      app.log.error({ err: error }, 'request failed outside its handler')
      return problemResponse(problemOf(error, ''), SECURITY)
    },
  })
  return {
    port: server.port as number,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${server.port}`,
    stop: (force) => server.stop(force),
  }
}

class Kit {
  #inFlight = 0
  readonly #proxies
  readonly #origins: Set<string>
  readonly #hsts: Record<string, string>

  constructor(
    private readonly app: App,
    private readonly options: ServeOptions,
  ) {
    this.#proxies = proxyRanges(app.config)
    this.#origins = new Set(app.config.corsOrigins)
    const https = app.config.publicUrl?.startsWith('https:')
    this.#hsts = https ? { 'strict-transport-security': 'max-age=31536000' } : {}
  }

  handler(route: Route): Handler {
    const observer = new Observer(this.app, route)
    const parts: Parts = {
      route,
      observer,
      params: route.params && checker(route.params, 'path'),
      query: checker(route.query ?? EMPTY, 'query'),
      body: route.body && checker(route.body, 'body'),
      reply: route.reply && this.options.checkReplies ? checker(route.reply, 'body') : undefined,
      limit: route.limit && limiter(this.app.config, route.path, route.limit.points, route.limit.seconds),
    }
    return async (raw, server) => {
      const request = new Incoming(raw, server, this.#proxies)
      this.#inFlight++
      observer.begin(request)
      const isShed = this.#inFlight > MAX_IN_FLIGHT && !route.path.startsWith('/health')
      let response: Response
      try {
        if (isShed) throw overloaded()
        response = await observer.run(request, () => this.#answer(parts, request))
      } catch (error) {
        response = this.#failure(error, request, route)
      }
      this.#inFlight--
      observer.end(request, response, isShed)
      return response
    }
  }

  otherMethod(allowed: string[]): Handler {
    return async (raw, server) => {
      const request = new Incoming(raw, server, this.#proxies)
      if (raw.method === 'OPTIONS') return this.#preflight(request, allowed)
      const message = `${raw.method} is not possible here; ${allowed.join(', ')} is`
      const body = problem(405, 'method_not_allowed', message, request.id)
      return problemResponse(body, { ...this.#headers(request), allow: allowed.join(', ') })
    }
  }

  async unknownPath(raw: BunRequest, server: BunServer) {
    const request = new Incoming(raw, server, this.#proxies)
    const page = await this.options.pages?.(request)
    if (page) return this.#decorate(page, request, new Outgoing())
    return problemResponse(
      problem(404, 'no_such_path', 'There is nothing at this path', request.id),
      this.#headers(request),
    )
  }

  async #answer({ route, observer, params, query, body, reply, limit }: Parts, request: Incoming) {
    const outgoing = new Outgoing()
    if (limit) {
      const taken = await limit.take(request.network)
      outgoing.header('ratelimit-limit', String(taken.limit))
      outgoing.header('ratelimit-remaining', String(taken.remaining))
      outgoing.header('ratelimit-reset', String(taken.resetSeconds))
    }
    const resolved = route.caller.resolve(request)
    const caller = resolved instanceof Promise ? await resolved : resolved
    observer.called(request, caller)
    const context = { caller, params: {}, query: {}, body: undefined as unknown, request, reply: outgoing }
    if (params) {
      context.params = coerce(route.params as never, request.raw.params)
      params(context.params)
    }
    if (query && (route.query || request.raw.url.includes('?'))) {
      context.query = coerce(route.query ?? EMPTY, queryOf(request.raw.url))
      query(context.query)
    }
    if (body) {
      context.body = await readJson(request.raw, route.maxBodyBytes)
      body(context.body)
      request.timeline?.ended('bodyMs')
    }
    const value = await route.handle(context)
    request.timeline?.ended('handlerMs')
    if (value instanceof Response) return this.#decorate(value, request, outgoing)
    reply?.(value)
    const response = this.#json(route, value, request, outgoing)
    request.timeline?.ended('jsonMs')
    return response
  }

  #json(route: Route, value: unknown, request: Incoming, outgoing: Outgoing) {
    const status = outgoing.status ?? route.status ?? 200
    const headers = this.#headers(request, outgoing)
    const text = JSON.stringify(value)
    const content: Record<string, string> = { 'content-type': 'application/json; charset=utf-8' }
    if (route.method === 'GET' && status === 200) {
      const etag = `W/"${Bun.hash(text).toString(36)}"`
      content.etag = etag
      if (request.header('if-none-match') === etag) {
        return new Response(null, { status: 304, headers: merged(headers, { etag }, outgoing) })
      }
    }
    if (text.length >= COMPRESS_FROM_BYTES && request.header('accept-encoding')?.includes('gzip')) {
      const zipped = { ...content, 'content-encoding': 'gzip', vary: 'accept-encoding' }
      return new Response(Bun.gzipSync(text, { level: 1 }), {
        status,
        headers: merged(headers, zipped, outgoing),
      })
    }
    return new Response(text, { status, headers: merged(headers, content, outgoing) })
  }

  #headers(request: Incoming, _outgoing?: Outgoing): Record<string, string> {
    const headers: Record<string, string> = { ...SECURITY, ...this.#hsts, 'x-request-id': request.id }
    const { traceparent } = request
    if (traceparent) headers.traceparent = traceparent
    if (this.#origins.size > 0) this.#allowOrigin(headers, request)
    return headers
  }

  #allowOrigin(headers: Record<string, string>, request: Incoming) {
    const origin = request.header('origin')
    headers.vary = 'origin'
    if (!origin || !this.#origins.has(origin)) return false
    headers['access-control-allow-origin'] = origin
    headers['access-control-allow-credentials'] = 'true'
    headers['access-control-expose-headers'] =
      'x-request-id, retry-after, etag, ratelimit-remaining, server-timing'
    return true
  }

  #preflight(request: Incoming, allowed: string[]) {
    const headers = this.#headers(request)
    if (headers['access-control-allow-origin']) {
      headers['access-control-allow-methods'] = allowed.join(', ')
      headers['access-control-allow-headers'] = 'authorization, content-type, idempotency-key, x-request-id'
      headers['access-control-max-age'] = String(PREFLIGHT_SECONDS)
    }
    return new Response(null, { status: 204, headers: { ...headers, allow: allowed.join(', ') } })
  }

  #decorate(response: Response, request: Incoming, outgoing: Outgoing) {
    for (const [name, value] of Object.entries(this.#headers(request))) {
      if (!response.headers.has(name)) response.headers.set(name, value)
    }
    for (const [name, value] of outgoing.headers) response.headers.append(name, value)
    return response
  }

  #failure(error: unknown, request: Incoming, route: Route) {
    const body = problemOf(error, request.id)
    if (body.status >= 500) {
      const at = {
        requestId: request.id,
        method: route.method,
        route: route.path,
        traceparent: request.traceparent,
      }
      if (error instanceof Refusal) {
        const { cause } = error.details
        this.app.log.warn({ ...at, code: body.code, cause }, 'request refused')
      } else this.app.log.error({ ...at, err: error }, 'request failed')
    }
    const headers = this.#headers(request)
    if (error instanceof Refusal && error.details.retryAfterSeconds) {
      headers['retry-after'] = String(error.details.retryAfterSeconds)
    }
    if (body.status === 401) headers['www-authenticate'] = 'Bearer'
    return problemResponse(body, headers)
  }
}

const EMPTY = { type: 'object', properties: {}, additionalProperties: false } as never

const overloaded = () =>
  new Refusal('overloaded', 'overloaded', 'Too much at once; try again in a second', { retryAfterSeconds: 1 })

function merged(base: Record<string, string>, content: Record<string, string>, { headers: own }: Outgoing) {
  Object.assign(base, content)
  if (own.length === 0) return base
  const headers = new Headers(base)
  for (const [name, value] of own) {
    if (name === 'set-cookie') headers.append(name, value)
    else headers.set(name, value)
  }
  return headers
}
