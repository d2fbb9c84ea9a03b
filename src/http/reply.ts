import { brotliCompressSync, constants } from 'node:zlib'
import type { Key } from '../cache/cache.ts'
import type { Config } from '../config.ts'
import type { Incoming } from './incoming.ts'
import { overloadedText, RETRY_AFTER_SECONDS } from './overloaded.ts'
import { PROBLEM } from './problem.ts'
import type { Outgoing } from './route.ts'

const COMPRESS_FROM_BYTES = 2_048
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }

/** On every reply; an API has nothing to frame, sniff or keep. */
export const SECURITY = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

/** What a page of another origin may read of a reply. */
const EXPOSED =
  'x-request-id, retry-after, etag, link, server-timing, ratelimit-limit, ratelimit-remaining, ratelimit-reset'

type Bytes = Uint8Array<ArrayBuffer>

/**
 * A JSON reply as the response cache keeps it. Its other forms are made when somebody first takes one. Tens of thousands
 * are kept, so it holds nothing of the request that it was made for: no closure.
 */
export class Body {
  readonly etag: string
  gzip: Bytes | undefined
  brotli: Bytes | undefined

  constructor(
    /** Text for whoever had it made; bytes once it is served again. */
    public content: string | Bytes,
    readonly status: number,
    /** That the handler added. */
    readonly headers: readonly [string, string][],
    private readonly keeper: { measure(key: Key, body: Body): void },
    private readonly key: Key,
  ) {
    this.etag = etagOf(content as string)
  }

  /** It takes another amount of memory now. */
  changed() {
    this.keeper.measure(this.key, this)
  }
}

/** As bytes, from when it is served again. */
export function encode(body: Body) {
  if (typeof body.content !== 'string') return
  body.content = new TextEncoder().encode(body.content)
  body.changed()
}

/** What an entry takes beside its bytes: its objects, its key, its ETag. */
const ENTRY_BYTES = 1_500

/** Bytes of memory, roughly: what the cache is bounded by. */
export const sizeOf = ({ content, gzip, brotli }: Body) =>
  ENTRY_BYTES + Buffer.byteLength(content) + (gzip?.length ?? 0) + (brotli?.length ?? 0)

export const etagOf = (text: string) => `W/"${Bun.hash(text).toString(36)}"`

/**
 * Makes replies with the headers that all have. `Response` copies a `Headers` three times faster than it reads an
 * object, so the usual reply takes one that is kept, in which only the request's own values are set.
 */
export class Replies {
  readonly #common: Record<string, string>
  readonly #json: Headers
  readonly #tagged: Headers
  readonly #overloaded: Headers
  readonly #origins: Set<string>

  constructor(config: Config) {
    const https = config.publicUrl?.startsWith('https:')
    this.#common = { ...SECURITY, ...(https && { 'strict-transport-security': 'max-age=31536000' }) }
    this.#json = new Headers({ ...this.#common, 'content-type': 'application/json; charset=utf-8' })
    this.#tagged = new Headers(this.#json)
    this.#overloaded = new Headers({
      ...this.#common,
      'content-type': PROBLEM,
      'retry-after': String(RETRY_AFTER_SECONDS),
    })
    this.#origins = new Set(config.corsOrigins)
  }

  /** The headers of every reply to this request, for one of another kind. */
  headers(request: Incoming): Record<string, string> {
    const headers: Record<string, string> = { ...this.#common, 'x-request-id': request.id }
    const { traceparent } = request
    if (traceparent) headers.traceparent = traceparent
    this.#allowOrigin(request, (name, value) => {
      headers[name] = value
    })
    return headers
  }

  /** @param etag of a reply that the client may hold already. */
  json(request: Incoming, text: string, status: number, etag: string | null, { headers: own }: Outgoing) {
    if (etag && holds(request, etag)) return this.#notModified(request, etag, own)
    const plain = this.#usual(request, etag, own)
    if (text.length < COMPRESS_FROM_BYTES || !request.header('accept-encoding')?.includes('gzip')) {
      return new Response(text, { status, headers: plain })
    }
    return new Response(Bun.gzipSync(text, { level: 1 }), { status, headers: encoded(plain, 'gzip') })
  }

  overloaded(request: Incoming) {
    const headers = this.#filled(request, this.#overloaded, [])
    return new Response(overloadedText(request.id), { status: 503, headers })
  }

  /** A reply as the cache has it. */
  kept(request: Incoming, body: Body) {
    const { content, etag, headers: own, status } = body
    if (status === 200 && holds(request, etag)) return this.#notModified(request, etag, own)
    const headers = this.#usual(request, etag, own)
    if (content.length < COMPRESS_FROM_BYTES || status !== 200)
      return new Response(content, { status, headers })
    const accepted = request.header('accept-encoding') ?? ''
    if (accepted.includes('br')) {
      if (!body.brotli) {
        body.brotli = new Uint8Array(brotliCompressSync(content, BROTLI))
        body.changed()
      }
      return new Response(body.brotli, { headers: encoded(headers, 'br') })
    }
    if (!accepted.includes('gzip')) return new Response(content, { headers })
    if (!body.gzip) {
      body.gzip = Bun.gzipSync(content)
      body.changed()
    }
    return new Response(body.gzip, { headers: encoded(headers, 'gzip') })
  }

  /** Adds to a handler's own Response what every reply has. */
  decorate(response: Response, request: Incoming, outgoing: Outgoing) {
    for (const [name, value] of Object.entries(this.headers(request))) {
      if (!response.headers.has(name)) response.headers.set(name, value)
    }
    for (const [name, value] of outgoing.headers) response.headers.append(name, value)
    return response
  }

  #notModified(request: Incoming, etag: string, own: readonly [string, string][]) {
    const headers = add(new Headers({ ...this.headers(request), etag }), own)
    return new Response(null, { status: 304, headers })
  }

  #usual(request: Incoming, etag: string | null, own: readonly [string, string][]) {
    const headers = this.#filled(request, etag ? this.#tagged : this.#json, own)
    if (etag) headers.set('etag', etag)
    return headers
  }

  /** The kept ones, unless this reply has more than an id of its own. Use them before the next call. */
  #filled(request: Incoming, kept: Headers, own: readonly [string, string][]) {
    const { traceparent } = request
    let headers = kept
    if (own.length > 0 || traceparent || this.#origins.size > 0) {
      headers = add(new Headers(kept), own)
      if (traceparent) headers.set('traceparent', traceparent)
      this.#allowOrigin(request, (name, value) => headers.set(name, value))
    }
    headers.set('x-request-id', request.id)
    return headers
  }

  #allowOrigin(request: Incoming, set: (name: string, value: string) => void) {
    if (this.#origins.size === 0) return
    const origin = request.header('origin')
    set('vary', 'origin')
    if (!origin || !this.#origins.has(origin)) return
    set('access-control-allow-origin', origin)
    set('access-control-allow-credentials', 'true')
    set('access-control-expose-headers', EXPOSED)
  }
}

const holds = (request: Incoming, etag: string) => request.header('if-none-match')?.includes(etag) ?? false

function add(headers: Headers, own: readonly [string, string][]) {
  for (const [name, value] of own) {
    if (name === 'set-cookie') headers.append(name, value)
    else headers.set(name, value)
  }
  return headers
}

function encoded(usual: Headers, encoding: string) {
  const headers = new Headers(usual)
  headers.set('content-encoding', encoding)
  headers.append('vary', 'accept-encoding')
  return headers
}
