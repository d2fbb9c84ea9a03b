import type { App } from '../app.ts'
import type { Cache } from '../cache/cache.ts'
import { SECOND_MS } from '../lib/time.ts'
import type { Incoming } from './incoming.ts'
import { type Body, bodyOf, sizeOf } from './reply.ts'
import type { Context, Outgoing, Route } from './route.ts'

const ENTRIES_MOST = 50_000
/** Of all routes together. */
const BYTES_MOST = 32 * 1_048_576

type AnyContext = Context<unknown, unknown, unknown, unknown>

const caches = new WeakMap<App, Cache<Body>>()

function cacheOf(app: App): Cache<Body> {
  let cache = caches.get(app)
  if (!cache) {
    cache = app.caches.open<Body>({
      name: 'responses',
      max: ENTRIES_MOST,
      maxBytes: BYTES_MOST,
      bytesOf: sizeOf,
      ttlMs: Number.POSITIVE_INFINITY,
    })
    caches.set(app, cache)
  }
  return cache
}

/** The kept replies of one route. Keys hold the caller unless the route says that all of them see the same. */
export class CachedReplies {
  readonly #cache: Cache<Body>
  readonly #ttlMs: number

  constructor(
    private readonly app: App,
    private readonly route: Route & { cache: NonNullable<Route['cache']> },
  ) {
    const { cache, caller, limit, method, path } = route
    if (method !== 'GET') throw new Error(`${method} ${path}: only a GET can be cached`)
    if (limit) throw new Error(`${path}: what is limited must be counted, so it can't be cached`)
    if (!cache.shared && caller.security && !caller.keyOf) throw new Error(`${path}: whose reply is it?`)
    this.#ttlMs = cache.ttlSeconds * SECOND_MS
    this.#cache = cacheOf(app)
  }

  keyOf(request: Incoming, caller: unknown) {
    const { cache, path, params } = this.route
    const { keyOf } = this.route.caller
    const who = cache.shared || !keyOf ? '' : keyOf(caller)
    const { target } = request
    return params || target.length !== path.length ? `${target} ${who}` : `${path} ${who}`
  }

  peek(key: string): Body | undefined {
    const { stands } = this.route.cache
    const body = stands && !stands() ? undefined : this.#cache.peek(key)
    if (body && typeof body.content === 'string') body.content = new TextEncoder().encode(body.content)
    return body
  }

  /** @param answer makes the text; its context has what was found out about the request by then. */
  load(key: string, outgoing: Outgoing, answer: () => Promise<{ text: string; context: AnyContext }>) {
    return this.#cache.load(key, async () => {
      const { text, context } = await answer()
      const status = outgoing.status ?? 200
      const tags = [...this.route.cache.tags(context), ...outgoing.tags]
      // What is no success is told once: the next one asks again.
      const until = status === 200 ? Math.min(this.app.clock() + this.#ttlMs, outgoing.freshUntil) : 0
      return { value: bodyOf(text, status, outgoing), tags, until }
    })
  }
}
