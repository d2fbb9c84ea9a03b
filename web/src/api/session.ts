import { useSyncExternalStore } from 'react'
import { answered, errorOf, giveTokens, PATIENCE_MS } from './client.ts'
import { queryClient, waitMs } from './query.ts'

export type Role = 'manager' | 'technical_team' | 'support_staff' | 'customer'

/**
 * `starting`: the cookie is being tried. `ended`: it was signed in, and the server says that it is no more; `left`: they
 * have signed out in another tab. What is on the page of these two stays there, behind the sign-in.
 */
export type Session =
  | { state: 'starting' | 'anonymous' }
  | { state: 'signed-in'; userId: number; role: Role }
  | Over
export type Over = { state: 'ended' | 'left'; userId: number; role: Role }

export const isOver = (one: Session): one is Over => one.state === 'ended' || one.state === 'left'

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
  if (isOver(before)) void queryClient.invalidateQueries()
  return claims
}

/** Ends the session here, on the server, and in the other tabs. */
export async function signOut() {
  const response = await answered(
    fetch('/api/auth/logout', {
      method: 'POST',
      signal: AbortSignal.timeout(PATIENCE_MS),
      headers: token ? { authorization: `Bearer ${token}` } : {},
    }),
  )
  if (!response.ok) throw await errorOf(response)
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
  if (data.kind === 'signed-out') {
    if (!('userId' in session)) return forget()
    token = null
    return become({ ...session, state: 'left' })
  }
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
  const signal = AbortSignal.timeout(PATIENCE_MS)
  const response = await answered(early ?? fetch('/api/auth/refresh', { method: 'POST', signal }))
  if (response.ok) {
    const reply = (await answered(response.json())) as { access_token: string }
    accept(reply.access_token)
    return reply.access_token
  }
  // Any other refusal would be the same the next time: whoever signs in anew is told why, if that fails too.
  if (response.status >= 500 || response.status === 429) throw await errorOf(response)
  token = null
  if (!('userId' in session)) forget()
  else if (!isOver(session)) become({ ...session, state: 'ended' })
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
      for (const listener of unreached) listener(error)
      await new Promise((resolve) => setTimeout(resolve, waitMs(1, error)))
    }
  }
}

const unreached = new Set<(error: unknown) => void>()
/** Told each time that the start got no answer that it could use. */
export const onUnreached = (listener: (error: unknown) => void) => void unreached.add(listener)

giveTokens({
  current: async () => {
    if (token || session.state === 'anonymous' || isOver(session)) return token
    return renew()
  },
  renewed: async (refused) => (token && token !== refused ? token : renew()),
})
