import Type from 'typebox'
import type { App } from '../app.ts'
import type { Cache, Key } from '../cache/cache.ts'
import { SECOND_MS } from '../lib/time.ts'
import type { Incoming } from './incoming.ts'
import { Body, encode, sizeOf } from './reply.ts'
import type { Context, Outgoing, Route } from './route.ts'
import { coerce, queryOf } from './validate.ts'

const ENTRIES_MOST = 50_000
/** Of all routes together. */
const BYTES_MOST = 24 * 1_048_576

type AnyContext = Context<unknown, unknown, unknown, unknown>

/** One for all routes of an App. */
const kept = new WeakMap<App, { cache: Cache<Body>; routes: number }>()

function keptOf(app: App) {
  let those = kept.get(app)
  if (!those) {
    const cache = app.caches.open<Body>({
      name: 'responses',
      max: ENTRIES_MOST,
      maxBytes: BYTES_MOST,
      bytesOf: sizeOf,
      ttlMs: Number.POSITIVE_INFINITY,
    })
    those = { cache, routes: 0 }
    kept.set(app, those)
  }
  return those
}

/** What tells callers apart is less: a route and a caller are one number. */
const CALLERS_MOST = 2 ** 40

/** Inputs remembered per route, and their length. */
const SPELLINGS_MOST = 1_000
const LONGEST_SPELLING = 200

const NOTHING = Type.Object({})

/** The kept replies of one route. Keys hold the caller unless the route says that all of them see the same. */
export class CachedReplies {
  readonly #cache: Cache<Body>
  readonly #nth: number
  readonly #ttlMs: number
  /** To read an input takes as long as a tenth of the reply: the usual ones are remembered. */
  readonly #spellings = new Map<string, string>()

  constructor(
    private readonly app: App,
    private readonly route: Route & { cache: NonNullable<Route['cache']> },
  ) {
    const { cache, caller, limit, method, path } = route
    if (method !== 'GET') throw new Error(`${method} ${path}: only a GET can be cached`)
    if (limit) throw new Error(`${path}: what is limited must be counted, so it can't be cached`)
    if (!cache.shared && caller.security && !caller.keyOf) throw new Error(`${path}: whose reply is it?`)
    this.#ttlMs = cache.ttlSeconds * SECOND_MS
    const those = keptOf(app)
    this.#cache = those.cache
    this.#nth = those.routes++
  }

  keyOf(request: Incoming, caller: unknown): Key {
    const { cache, params } = this.route
    const { keyOf } = this.route.caller
    const who = cache.shared || !keyOf ? 0 : keyOf(caller)
    if (!params && !request.raw.url.includes('?')) return this.#nth * CALLERS_MOST + who
    const { target } = request
    return `${this.#spellings.get(target) ?? this.#understood(request, target)} ${who}`
  }

  /** Path and input as they are read: spelt in a hundred ways it is still one reply. */
  #understood({ raw }: Incoming, target: string) {
    const { path, params, query } = this.route
    const given = Object.entries(coerce(query ?? NOTHING, queryOf(raw.url))).sort()
    const understood = `${path} ${JSON.stringify([params && coerce(params, raw.params), given])}`
    if (target.length > LONGEST_SPELLING) return understood
    if (this.#spellings.size >= SPELLINGS_MOST) this.#spellings.clear()
    this.#spellings.set(target, understood)
    return understood
  }

  peek(key: Key): Body | undefined {
    const { stands } = this.route.cache
    const body = stands && !stands() ? undefined : this.#cache.peek(key)
    if (body) encode(body)
    return body
  }

  /** @param answer makes the text; its context has what was found out about the request by then. */
  load(key: Key, outgoing: Outgoing, answer: () => Promise<{ text: string; context: AnyContext }>) {
    return this.#cache.load(key, async () => {
      const { text, context } = await answer()
      const status = outgoing.status ?? 200
      const tags = [...this.route.cache.tags(context), ...outgoing.tags]
      // What is no success is told once: the next one asks again.
      const until = status === 200 ? Math.min(this.app.clock() + this.#ttlMs, outgoing.freshUntil) : 0
      const value = new Body(text, status, outgoing.headers, this.#cache, key)
      return { value, tags, until }
    })
  }
}
