import type { App } from '../app.ts'
import { Refusal } from '../lib/refusal.ts'
import { QueueProbe } from '../metrics/queue-probe.ts'
import { Admission } from './admission.ts'
import { readJson } from './body.ts'
import { CachedReplies } from './cached.ts'
import { type BunRequest, type BunServer, Incoming, proxyRanges } from './incoming.ts'
import { type Limiter, limiter, showLimit } from './limit.ts'
import { Observer } from './observe.ts'
import { overloaded } from './overloaded.ts'
import { problem, problemOf, problemResponse } from './problem.ts'
import { etagOf, Replies, SECURITY } from './reply.ts'
import { Outgoing, type Route } from './route.ts'
import { type Check, checker, coerce, queryOf } from './validate.ts'

/** What Bun reads before a route's own bound is asked. */
const MAX_READ_BYTES = 16 * 1_048_576
const IDLE_SECONDS = 30
const PREFLIGHT_SECONDS = 600

type Handler = (raw: BunRequest, server: BunServer) => Response | Promise<Response>

interface Parts {
  route: Route
  observer: Observer
  params: Check | undefined
  query: Check | undefined
  body: Check | undefined
  reply: Check | undefined
  limit: Limiter | undefined
  cached: CachedReplies | undefined
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
  /** Who is answered when there is too much at once; measures this machine unless given. null answers everybody. */
  admission?: Admission | null
  /** How long a body may take to arrive; 10 s unless given. */
  bodyMs?: number
  /** Elsewhere than the configuration says. */
  listen?: { host: string; port: number }
}

/** Serves the routes; what they don't have is a 404 or a 405, as a problem. */
export function serve(app: App, routes: readonly Route[], options: ServeOptions = {}): Serving {
  const table: Record<string, Record<string, Handler>> = {}
  const admission = options.admission === undefined ? measuredAdmission(app) : options.admission
  const kit = new Kit(app, options, admission)
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

function measuredAdmission(app: App) {
  const admission = new Admission(app.metrics.eventLoop, new QueueProbe(), app.metrics.storage, app.log)
  app.onClose(() => admission.stop())
  void admission.start().catch((error) => app.log.error({ err: error }, 'overload can not be measured'))
  return admission
}

class Kit {
  readonly #proxies
  readonly #replies: Replies

  constructor(
    private readonly app: App,
    private readonly options: ServeOptions,
    private readonly admission: Admission | null,
  ) {
    this.#proxies = proxyRanges(app.config)
    this.#replies = new Replies(app.config)
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
      limit: route.limit && limiter(this.app.config, route.limit.points, route.limit.seconds),
      cached: route.cache && new CachedReplies(this.app, { ...route, cache: route.cache }),
    }
    const { admission } = this
    const takesTurn = !route.quick
    return (raw, server) => {
      const request = new Incoming(raw, server, this.#proxies)
      const known = parts.cached && this.#fromCache(parts, parts.cached, request)
      if (known instanceof Response) return known
      if (admission && !route.vital && !admission.admits(takesTurn)) {
        return this.#refuse(request, observer, admission)
      }
      return this.#slowly(parts, request, known?.caller)
    }
  }

  /** Without a line in the log for each: there would be thousands. */
  #refuse(request: Incoming, observer: Observer, admission: Admission) {
    const answer = () => {
      observer.shed()
      return this.#replies.overloaded(request)
    }
    return admission.holdBack()?.then(answer) ?? answer()
  }

  /** Without a promise when caller and reply are known; else what is known of the caller. */
  #fromCache({ route, observer }: Parts, cached: CachedReplies, request: Incoming) {
    try {
      const caller = route.caller.resolve(request)
      if (caller instanceof Promise) return { caller }
      const body = cached.peek(cached.keyOf(request, caller))
      if (!body) return { caller }
      const response = this.#replies.kept(request, body)
      observer.kept(request, caller, response)
      return response
    } catch {
      // Refused once more where refusals are answered.
      return undefined
    }
  }

  async #slowly(parts: Parts, request: Incoming, caller?: unknown) {
    const { route, observer } = parts
    const { admission } = this
    if (admission) {
      admission.inFlight++
      const turn = route.vital || route.quick ? undefined : admission.turns.enter(request.startedAt)
      if (turn !== undefined) {
        await turn
        request.turnMs = performance.now() - request.startedAt
      }
    }
    observer.begin(request)
    const outgoing = new Outgoing()
    let response: Response
    try {
      response = await observer.run(request, () => this.#answer(parts, request, outgoing, caller))
    } catch (error) {
      response = this.#failure(error, request, route, outgoing)
    } finally {
      if (admission) admission.inFlight--
    }
    observer.end(request, response)
    return response
  }

  otherMethod(allowed: string[]): Handler {
    return async (raw, server) => {
      const request = new Incoming(raw, server, this.#proxies)
      if (raw.method === 'OPTIONS') return this.#preflight(request, allowed)
      const message = `${raw.method} is not possible here; ${allowed.join(', ')} is`
      const body = problem(405, 'method_not_allowed', message, request.id)
      return problemResponse(body, { ...this.#replies.headers(request), allow: allowed.join(', ') })
    }
  }

  async unknownPath(raw: BunRequest, server: BunServer) {
    const request = new Incoming(raw, server, this.#proxies)
    const page = await this.options.pages?.(request)
    if (page) return this.#replies.decorate(page, request, new Outgoing())
    return problemResponse(
      problem(404, 'no_such_path', 'There is nothing at this path', request.id),
      this.#replies.headers(request),
    )
  }

  async #answer(parts: Parts, request: Incoming, outgoing: Outgoing, known: unknown) {
    const { route, observer, limit, cached } = parts
    if (limit) showLimit(outgoing, limit.take(request.network))
    const resolved = known ?? route.caller.resolve(request)
    const caller = resolved instanceof Promise ? await resolved : resolved
    observer.called(request, caller)
    if (cached) {
      const key = cached.keyOf(request, caller)
      const kept = cached.peek(key)
      const body =
        kept ?? (await cached.load(key, outgoing, () => this.#text(parts, request, caller, outgoing)))
      request.timeline?.fromCache(kept !== undefined)
      return this.#replies.kept(request, body)
    }
    const { value } = await this.#handled(parts, request, caller, outgoing)
    if (value instanceof Response) return this.#replies.decorate(value, request, outgoing)
    const status = outgoing.status ?? route.status ?? 200
    const text = JSON.stringify(value)
    const etag = route.method === 'GET' && status === 200 ? etagOf(text) : null
    const response = this.#replies.json(request, text, status, etag, outgoing)
    request.timeline?.ended('jsonMs')
    return response
  }

  async #text(parts: Parts, request: Incoming, caller: unknown, outgoing: Outgoing) {
    const { context, value } = await this.#handled(parts, request, caller, outgoing)
    const text = JSON.stringify(value)
    request.timeline?.ended('jsonMs')
    return { context, text }
  }

  /** Input held against its schemas, then the handler. */
  async #handled(
    { route, params, query, body, reply }: Parts,
    request: Incoming,
    caller: unknown,
    outgoing: Outgoing,
  ) {
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
      const { admission } = this
      // Counted as under way only when it is here: a client that is slow must not take the place of others.
      if (admission) admission.inFlight--
      try {
        context.body = await readJson(request.raw, route.maxBodyBytes, this.options.bodyMs)
      } finally {
        if (admission) admission.inFlight++
      }
      // Bodies that were held back could otherwise come all at once.
      if (admission?.isOverfull && !route.vital) throw overloaded()
      body(context.body)
      request.timeline?.ended('bodyMs')
    }
    const handled = route.handle(context)
    const value = handled instanceof Promise ? await handled : handled
    request.timeline?.ended('handlerMs')
    if (!(value instanceof Response)) reply?.(value)
    return { context, value }
  }

  #preflight(request: Incoming, allowed: string[]) {
    const headers = this.#replies.headers(request)
    if (headers['access-control-allow-origin']) {
      headers['access-control-allow-methods'] = allowed.join(', ')
      headers['access-control-allow-headers'] = 'authorization, content-type, idempotency-key, x-request-id'
      headers['access-control-max-age'] = String(PREFLIGHT_SECONDS)
    }
    return new Response(null, { status: 204, headers: { ...headers, allow: allowed.join(', ') } })
  }

  #failure(error: unknown, request: Incoming, route: Route, outgoing: Outgoing) {
    const body = problemOf(error, request.id)
    if (body.status >= 500 || (error instanceof Refusal && error.details.cause)) {
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
    const headers = this.#replies.headers(request)
    if (error instanceof Refusal && error.details.retryAfterSeconds) {
      headers['retry-after'] = String(error.details.retryAfterSeconds)
    }
    if (body.status === 401) headers['www-authenticate'] = challengeOf(route)
    // Else the rest of it would be waited for.
    if (body.status === 408) headers.connection = 'close'
    const response = problemResponse(body, headers)
    if (!(error instanceof Refusal)) return response
    const { retryAfterSeconds: resetSeconds = 1 } = error.details
    if (error.kind === 'too_many' && route.limit && outgoing.headers.length === 0) {
      showLimit(outgoing, { limit: route.limit.points, remaining: 0, resetSeconds })
    }
    // What belongs to the answer rather than to its content: rate limits, a cookie that is taken back.
    for (const [name, value] of outgoing.headers) {
      if (!CONTENT.test(name)) response.headers.append(name, value)
    }
    return response
  }
}

const CONTENT = /^(?:content-|etag$|link$|last-modified$)/i

/** How to do better after a 401: a service token has a header of its own, which no standard scheme names. */
const challengeOf = ({ caller }: Route) =>
  caller.security === 'service-token' ? 'ServiceToken header="X-Zimmer-Service-Token"' : 'Bearer'

const EMPTY = { type: 'object', properties: {}, additionalProperties: false } as never
