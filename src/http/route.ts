import type { Static, TObject, TSchema } from 'typebox'
import type { Incoming } from './incoming.ts'

/** Who may call. The domain that knows callers makes these; http/ only asks them. */
export interface CallerRule<C> {
  /** As the policy table names it: `anyone`, `signed-in`, `staff`, … */
  readonly name: string
  readonly security: 'bearer' | 'service-token' | null
  /** What tells one caller from another, from 1 to 2⁴⁰: cached replies are kept by it. */
  keyOf?(caller: C): number
  /** @throws Refusal unauthenticated or forbidden. */
  resolve(request: Incoming): C | Promise<C>
  /** Whether this caller may know where the time of a request goes: to others it could tell what is in the tables. */
  seesTimings?(caller: C): boolean
}

export interface RateLimit {
  /** Counted per address (IPv6 by /64). */
  points: number
  seconds: number
}

/** What a handler may add to its reply. */
export class Outgoing {
  status: number | undefined
  readonly headers: [string, string][] = []
  /** For a cached reply, what the handler found that it depends on. */
  readonly tags: string[] = []
  /** Milliseconds UTC past which a cached reply would be wrong, whatever its time to live. */
  freshUntil = Number.POSITIVE_INFINITY

  header(name: string, value: string) {
    this.headers.push([name, value])
  }
}

/** How long a GET's reply may be served again without asking the database, unless what it shows has changed. */
export interface ReplyCache<C, P, Q> {
  ttlSeconds: number
  /** What the reply depends on; a write that touches one of them drops it. See also `Outgoing.tags`. */
  tags(context: { caller: C; params: P; query: Q }): string[]
  /** Everybody who may call gets the same bytes; otherwise each caller has their own. */
  shared?: true
  /** Asked each time before it is served again. */
  stands?(): boolean
}

export interface Context<C, P, Q, B> {
  caller: C
  params: P
  query: Q
  body: B
  request: Incoming
  reply: Outgoing
}

type Of<S> = S extends TSchema ? Static<S> : undefined

interface Declared<C, P, Q, B, R> {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** `/api/things/:id`. */
  path: string
  summary: string
  /** The heading it stands under in the documentation. */
  tag: string
  caller: CallerRule<C>
  params?: P
  query?: Q
  /** Request headers beside those of every request, for the documentation; the handler reads and checks them. */
  headers?: TObject
  body?: B
  /** The reply's body; left out for what is no JSON. */
  reply?: R
  /** Media type when it is no JSON. */
  produces?: string
  /** 200 unless said otherwise. */
  status?: number
  limit?: RateLimit
  /** Answered also when there is too much at once: by it people see what is wrong. */
  vital?: true
  /** Decided in memory: it waits for none of those that read much. */
  quick?: true
  cache?: ReplyCache<C, Of<P>, Of<Q>>
  /** The plan's target for the whole request. */
  targetMs: number
  /** 64 KiB unless said otherwise. */
  maxBodyBytes?: number
}

/** A route with its types forgotten, as the server and the documentation see it. */
export interface Route
  extends Declared<
    unknown,
    TObject | undefined,
    TObject | undefined,
    TSchema | undefined,
    TSchema | undefined
  > {
  cache?: ReplyCache<unknown, unknown, unknown>
  handle(context: Context<unknown, unknown, unknown, unknown>): unknown
}

/** One declaration has all there is to know about an endpoint. */
export function route<
  C,
  P extends TObject | undefined = undefined,
  Q extends TObject | undefined = undefined,
  B extends TSchema | undefined = undefined,
  R extends TSchema | undefined = undefined,
>(
  declared: Declared<C, P, Q, B, R> & {
    handle(
      context: Context<C, Of<P>, Of<Q>, Of<B>>,
    ):
      | (R extends TSchema ? Static<R> | Response : unknown)
      | Promise<R extends TSchema ? Static<R> | Response : unknown>
  },
): Route {
  return declared as unknown as Route
}
