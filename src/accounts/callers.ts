import type { App } from '../app.ts'
import type { Incoming } from '../http/incoming.ts'
import type { CallerRule } from '../http/route.ts'
import { Refusal } from '../lib/refusal.ts'
import { type Digest, digestOf } from '../lib/secret.ts'
import type { Role } from '../storage/tables.ts'
import { type AccessClaims, verifyAccessToken } from './access-token.ts'
import { isAdmin, isStaff } from './roles.ts'
import { SESSION_IDLE_MS } from './sessions.ts'

/** A signed-in user, as a request knows them. */
export interface Principal {
  userId: number
  sessionId: number
  role: Role
}

/** Nobody is asked who they are. */
export const anyone: CallerRule<null> = { name: 'anyone', security: null, resolve: () => null }

export interface Callers {
  /** Any active user with a live session. */
  signedIn: CallerRule<Principal>
  /** manager, technical_team, support_staff. */
  staff: CallerRule<Principal>
  /** manager, technical_team. */
  admins: CallerRule<Principal>
  managers: CallerRule<Principal>
}

const KEPT_MS = 300_000
const KEPT_MOST = 100_000
/** Ours have some 250 characters; what is far longer is not looked at. */
const HEADER_MOST = 2_048

const LOOK_UP = `select s.last_used_at, s.expires_at, u.role
  from sessions s join users u on u.id = s.user_id
  where s.id = $1 and s.user_id = $2 and s.revoked_at is null and u.is_active = 1`

interface Found {
  last_used_at: number
  expires_at: number
  role: Role
}

/** A principal with what tells its token from all others that have its key. */
type Kept = Principal & Omit<Digest, 'key'>

const isOf = (kept: Kept, { second, third }: Digest) => kept.second === second && kept.third === third

const sets = new WeakMap<App, Callers>()

/** The rules of who may call; one set per App. */
export function callers(app: App): Callers {
  const known = sets.get(app)
  if (known) return known
  const made = makeCallers(app)
  sets.set(app, made)
  return made
}

function makeCallers(app: App): Callers {
  const lookUp = app.storage.statement<Found>('session_of_token', LOOK_UP)
  const cache = app.caches.open<Kept>({ name: 'principals', max: KEPT_MOST, ttlMs: KEPT_MS })

  /** Until the first of the token's end, the session's, and the session's idle one. */
  async function load({ userId, sessionId, expiresAt }: AccessClaims, digest: Digest) {
    const [found] = await lookUp(sessionId, userId)
    if (!found) throw notSignedIn()
    const until = Math.min(expiresAt, found.expires_at, found.last_used_at + SESSION_IDLE_MS)
    if (app.clock() >= until) throw notSignedIn()
    const { second, third } = digest
    const value: Kept = { userId, sessionId, role: found.role, second, third }
    return { value, tags: [`user:${userId}`, `session:${sessionId}`], until }
  }

  async function verify(token: string, digest: Digest): Promise<Principal> {
    const claims = await verifyAccessToken(app.config.jwtSecret, token, app.clock())
    if (!claims) throw notSignedIn()
    const loaded = await cache.load(digest.key, () => load(claims, digest))
    return isOf(loaded, digest) ? loaded : (await load(claims, digest)).value
  }

  /** Without a promise when the token is known. */
  function principalOf(request: Incoming): Principal | Promise<Principal> {
    const header = request.header('authorization')
    if (!header) throw noToken()
    if (header.length > HEADER_MOST) throw notSignedIn()
    // Of the whole header: the token in it is looked for when it is not known.
    const digest = digestOf(header)
    const kept = cache.peek(digest.key)
    if (kept && isOf(kept, digest)) return kept
    const token = request.bearer
    if (!token) throw noToken()
    return verify(token, digest)
  }

  const rule = (name: string, allow: (role: Role) => void): CallerRule<Principal> => {
    const allowed = (principal: Principal) => {
      allow(principal.role)
      return principal
    }
    return {
      name,
      security: 'bearer',
      seesTimings: ({ role }) => isStaff(role),
      keyOf: ({ userId }) => userId,
      resolve: (request) => {
        const found = principalOf(request)
        return found instanceof Promise ? found.then(allowed) : allowed(found)
      },
    }
  }
  return {
    signedIn: rule('signed-in', () => {}),
    staff: rule('staff', (role) => {
      if (!isStaff(role)) throw notAdmin()
    }),
    admins: rule('admins', (role) => {
      if (!isAdmin(role)) throw notAdmin()
    }),
    managers: rule('managers', (role) => {
      if (!isStaff(role)) throw notAdmin()
      if (role !== 'manager') throw new Refusal('forbidden', 'managers_only', 'Only managers may do this')
    }),
  }
}

const noToken = () =>
  new Refusal(
    'unauthenticated',
    'not_signed_in',
    'Sign in first: this needs the header Authorization: Bearer <access token>, ' +
      'as POST /api/auth/login gives it',
  )

const notSignedIn = () =>
  new Refusal(
    'unauthenticated',
    'not_signed_in',
    'The access token is not valid, has expired, or its session has ended: get another one at ' +
      'POST /api/auth/refresh, or sign in again',
  )

const notAdmin = () => new Refusal('forbidden', 'admin_access_required', 'Admin access required')
