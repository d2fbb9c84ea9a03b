import { useSyncExternalStore } from 'react'
import { ApiError, giveTokens } from './client.ts'
import { queryClient } from './query.ts'

export type Role = 'manager' | 'technical_team' | 'support_staff' | 'customer'

/**
 * `starting`: the cookie is being tried. `ended`: it was signed in, and the server says that it is no more; what is on
 * the page stays there, behind the sign-in. `unreachable`: nobody answered yet.
 */
export type Session =
  | { state: 'starting' | 'anonymous' }
  | { state: 'signed-in' | 'ended'; userId: number; role: Role }

declare global {
  /** The first trade, which boot.ts has begun. */
  var zimmerRefresh: Promise<Response> | undefined
}

type News = { kind: 'signed-in'; userId: number } | { kind: 'signed-out' }

/** The token lives in this variable and nowhere else: a script of another origin or a copied disk finds nothing. */
let token: string | null = null
let session: Session = { state: remembered() ? 'starting' : 'anonymous' }
let renewing: Promise<string | null> | null = null
let starting: Promise<void> | null = null
const listeners = new Set<() => void>()
const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('zimmer') : null

/** That somebody was signed in here, and as what: no secret, it only saves a request that must fail. */
function remembered(): string | null {
  try {
    return localStorage.getItem('zimmer.role')
  } catch {
    return null
  }
}

function remember(role: Role | null) {
  try {
    if (role) localStorage.setItem('zimmer.role', role)
    else localStorage.removeItem('zimmer.role')
  } catch {
    // Nothing is remembered then; the next visit begins with signing in.
  }
}

function become(next: Session) {
  session = next
  for (const listener of listeners) listener()
}

export const currentSession = () => session
export const onSession = (listener: () => void) => void listeners.add(listener)

export const useSession = () =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => session,
  )

const claimsOf = (jwt: string) => {
  const [, payload = ''] = jwt.split('.')
  const claims = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')))
  return { userId: Number(claims.sub), role: claims.role as Role }
}

/** After a sign-in or a sign-up: the reply's access token. */
export function signedIn(accessToken: string) {
  const { userId, role } = accept(accessToken)
  channel?.postMessage({ kind: 'signed-in', userId } satisfies News)
  return { userId, role }
}

function accept(accessToken: string) {
  const claims = claimsOf(accessToken)
  const before = session
  if ('userId' in before && before.userId !== claims.userId) queryClient.clear()
  token = accessToken
  remember(claims.role)
  become({ state: 'signed-in', ...claims })
  // What failed because the session had ended is asked again.
  if (before.state === 'ended') void queryClient.invalidateQueries()
  return claims
}

/** Ends the session here, on the server, and in the other tabs. */
export async function signOut() {
  const response = await fetch('/api/auth/logout', {
    method: 'POST',
    headers: token ? { authorization: `Bearer ${token}` } : {},
  }).catch(() => null)
  if (!response?.ok) throw new ApiError(response?.status ?? 0, 'unreachable', 'No answer')
  signedOutEverywhere()
}

/** The server has ended the session: here, and in the other tabs at once. */
export function signedOutEverywhere() {
  forget()
  channel?.postMessage({ kind: 'signed-out' } satisfies News)
}

/** This browser knows nobody any more; everything that was read goes. */
export function forget() {
  token = null
  remember(null)
  queryClient.clear()
  become({ state: 'anonymous' })
}

channel?.addEventListener('message', ({ data }: MessageEvent<News>) => {
  if (data.kind === 'signed-out') return forget()
  if ('userId' in session && session.userId !== data.userId) location.assign('/')
  else if (session.state !== 'signed-in') void renew()
})

/** Only one tab trades the cookie at a time; each trade gives the next one its cookie. */
const alone = <T>(work: () => Promise<T>): Promise<T> =>
  navigator.locks ? (navigator.locks.request('zimmer.refresh', work) as Promise<T>) : work()

/**
 * A new access token for the cookie; null when the session has ended.
 * @throws ApiError when the server can't be asked.
 */
function renew(): Promise<string | null> {
  renewing ??= alone(trade).finally(() => {
    renewing = null
  })
  return renewing
}

async function trade(): Promise<string | null> {
  const early = globalThis.zimmerRefresh
  globalThis.zimmerRefresh = undefined
  const response = await (early ?? fetch('/api/auth/refresh', { method: 'POST' })).catch(() => null)
  if (!response || (response.status !== 401 && !response.ok)) {
    const asked = Number(response?.headers.get('retry-after') ?? 2)
    throw new ApiError(response?.status ?? 0, 'unreachable', 'No answer', null, [], asked)
  }
  if (response.ok) {
    const reply = (await response.json()) as { access_token: string }
    accept(reply.access_token)
    return reply.access_token
  }
  token = null
  if ('userId' in session) become({ ...session, state: 'ended' })
  else forget()
  return null
}

/** Tries the cookie of an earlier visit, until the server has said yes or no. */
export function startSession(): Promise<void> {
  starting ??= start()
  return starting
}

async function start() {
  while (session.state === 'starting') {
    try {
      await renew()
    } catch (error) {
      for (const listener of unreached) listener()
      const seconds = error instanceof ApiError ? (error.retryAfterSeconds ?? 2) : 2
      await new Promise((resolve) => setTimeout(resolve, Math.min(seconds, 10) * 1_000))
    }
  }
}

const unreached = new Set<() => void>()
/** Told each time that the start could not reach the server. */
export const onUnreached = (listener: () => void) => void unreached.add(listener)

giveTokens({
  current: async () => {
    if (token || session.state === 'anonymous') return token
    return renew()
  },
  renewed: async (refused) => (token && token !== refused ? token : renew()),
})
