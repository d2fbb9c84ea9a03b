import type { App } from '../app.ts'
import type { Cache } from '../cache/cache.ts'
import type { CallerRule } from '../http/route.ts'
import { Refusal } from '../lib/refusal.ts'
import { sha256 } from '../lib/secret.ts'
import { SECOND_MS } from '../lib/time.ts'
import type { Statement } from '../storage/storage.ts'
import type { SCOPES } from './service-tokens.ts'
import { TokenUse } from './token-use.ts'

const TTL_MS = 300 * SECOND_MS
const MOST_KEPT = 10_000
const SHAPE = /^zst_[0-9a-f]{8}_[\w-]{43}$/

/** An automation service that showed a live service token. */
export interface ServiceCaller {
  automationId: number
  serviceTokenId: number
  scopes: readonly string[]
}

interface Kept extends ServiceCaller {
  expiresAt: number | null
}

interface TokenRow {
  id: number
  automation_id: number
  scopes: string
  expires_at: number | null
}

const FIND = `select id, automation_id, scopes, expires_at from service_tokens
  where hash = $1 and revoked_at is null`

/**
 * `X-Zimmer-Service-Token` with the scope. A token that is known already is answered without waiting.
 *
 * The rule throws Refusal `invalid_service_token` (unauthenticated) for a token that is missing, unknown, expired or
 * revoked alike, and `scope_missing` (forbidden).
 */
export function service(app: App, scope: (typeof SCOPES)[number]): CallerRule<ServiceCaller> {
  const tokens = tokensOf(app)
  return {
    name: 'service',
    security: 'service-token',
    resolve: (request) => {
      const token = request.header('x-zimmer-service-token')
      if (token === null || !SHAPE.test(token)) throw refused()
      const hash = sha256(token)
      const kept = tokens.peek(hash)
      return kept ? tokens.admit(kept, scope) : tokens.load(hash).then((found) => tokens.admit(found, scope))
    },
  }
}

const opened = new WeakMap<App, Tokens>()

function tokensOf(app: App) {
  const tokens = opened.get(app) ?? new Tokens(app)
  opened.set(app, tokens)
  return tokens
}

class Tokens {
  readonly #cache: Cache<Kept>
  readonly #find: Statement<TokenRow>
  readonly #use: TokenUse

  constructor(private readonly app: App) {
    this.#cache = app.caches.open({ name: 'service_tokens', max: MOST_KEPT, ttlMs: TTL_MS })
    this.#find = app.storage.statement<TokenRow>('service_token', FIND)
    this.#use = new TokenUse(app.write, (error) =>
      app.log.warn({ err: error }, 'the last use of service tokens could not be written'),
    )
    app.onClose(() => this.#use.close())
  }

  peek(hash: string) {
    return this.#cache.peek(hash)
  }

  /** Only what is found is kept: guesses would push the real ones out. */
  load(hash: string) {
    return this.#cache.load(hash, async () => {
      const [row] = await this.#find(hash)
      if (!row) throw refused()
      const value = {
        automationId: row.automation_id,
        serviceTokenId: row.id,
        scopes: row.scopes.split(' '),
        expiresAt: row.expires_at,
      }
      return { value, tags: ['service-tokens'], until: row.expires_at ?? Number.POSITIVE_INFINITY }
    })
  }

  admit(kept: Kept, scope: string): ServiceCaller {
    const now = this.app.clock()
    if (kept.expiresAt !== null && now >= kept.expiresAt) throw refused()
    if (!kept.scopes.includes(scope)) {
      throw new Refusal('forbidden', 'scope_missing', `This service token may not ${scope}`)
    }
    this.#use.note(kept.serviceTokenId, now)
    return kept
  }
}

const refused = () =>
  new Refusal(
    'unauthenticated',
    'invalid_service_token',
    'A live service token is needed in X-Zimmer-Service-Token',
  )
