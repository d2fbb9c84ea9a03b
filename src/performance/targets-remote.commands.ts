import { CommandError, EXIT } from '../cli/exit.ts'
import { COMMAND } from '../cli/name.ts'
import { passwordFromStdin } from '../cli/password.ts'
import { isLoopback } from '../config.ts'
import type { Range } from './ranges.ts'
import type { Report } from './report.ts'

/** A server that takes longer than this for one answer has given one. */
const TIMEOUT_MS = 15_000

/** How somebody says who they are; one of them. */
export interface Access {
  token?: string
  tokenStdin?: boolean
  email?: string
}

type Credentials = { token: string } | { email: string; password: string }

/** @throws CommandError when it is not exactly one. */
async function readAccess({ token, tokenStdin = false, email }: Access): Promise<Credentials> {
  if ([token, tokenStdin, email].filter(Boolean).length !== 1) {
    throw new CommandError(
      'a running server tells its staff only: give one of --email, --token-stdin and --token',
      EXIT.usage,
    )
  }
  if (email) return { email, password: await passwordFromStdin() }
  return { token: token ?? (await passwordFromStdin()) }
}

/** The report of a running server, asked for as staff; a session that it needs is ended again. */
export async function askServer(
  given: string,
  access: Access,
  { range, node }: { range: Range; node: string | undefined },
): Promise<Report> {
  const base = baseOf(given)
  const credentials = await readAccess(access)
  const query = new URLSearchParams({ range, ...(node !== undefined && { node }) })
  if ('token' in credentials) return reportOf(base, query, credentials.token)
  const token = await signIn(base, credentials)
  try {
    return await reportOf(base, query, token)
  } finally {
    // If it fails, the session ends by itself.
    await call(base, '/api/auth/logout', { method: 'POST', headers: bearer(token) }).catch(() => {})
  }
}

function baseOf(given: string): URL {
  if (!/^https?:\/\//i.test(given) || !URL.canParse(given)) {
    throw new CommandError(`--url must be an http:// or https:// address, not "${given}"`, EXIT.usage)
  }
  const base = new URL(given)
  if (base.username || base.password) {
    throw new CommandError('a URL with a password ends up in logs: use --email or --token-stdin', EXIT.usage)
  }
  if (base.protocol === 'http:' && !isLoopback(base.hostname.replace(/^\[|\]$/g, ''))) {
    console.error(`zimmer: ${base.host} is asked without encryption: others on the way can read the sign-in`)
  }
  return base
}

async function reportOf(base: URL, query: URLSearchParams, token: string): Promise<Report> {
  const { status, body } = await call(base, `/api/admin/performance?${query}`, { headers: bearer(token) })
  if (status === 401) throw new CommandError(`${base.host} does not know this access token, or it has ended`)
  if (status === 403) throw new CommandError(`${base.host} tells this to its staff only`)
  if (status === 200 && isReport(body)) return body
  throw notZimmer(base, status)
}

const isReport = (body: unknown): body is Report =>
  typeof body === 'object' && body !== null && 'plan' in body && 'endpoints' in body && 'misses' in body

async function signIn(base: URL, account: { email: string; password: string }): Promise<string> {
  const { status, body } = await call(base, '/api/auth/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(account),
  })
  const seen = body as { access_token?: unknown; otp_required?: unknown; detail?: unknown } | null
  if (status === 200 && typeof seen?.access_token === 'string') return seen.access_token
  if (seen?.otp_required) {
    throw new CommandError('this account signs in with a second factor: use --token-stdin')
  }
  if (status === 401 || status === 422 || status === 429) {
    throw new CommandError(`${base.host} refused the sign-in: ${seen?.detail ?? `status ${status}`}`)
  }
  throw notZimmer(base, status)
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

async function call(base: URL, path: string, init: RequestInit) {
  const url = new URL(path, base)
  try {
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const location = response.headers.get('location')
    if (location) throw new CommandError(`${url.origin} sends on to ${location}: give that address as --url`)
    return { status: response.status, body: (await response.json().catch(() => null)) as unknown }
  } catch (error) {
    if (error instanceof CommandError) throw error
    const { name, code = '', message } = error as Error & { code?: string }
    const late = name === 'TimeoutError' ? `no answer within ${TIMEOUT_MS / 1_000} s` : null
    const reason = late ?? REASONS[code] ?? message.replace(/\.$/, '')
    throw new CommandError(
      `can't reach ${url.origin}: ${reason}. \`${COMMAND} probe ${url.origin}\` looks closer`,
    )
  }
}

const REASONS: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ConnectionRefused: 'nothing listens there',
  ENOTFOUND: 'this name is not known',
}

const notZimmer = ({ host }: URL, status: number) =>
  new CommandError(
    `${host} answered with status ${status} and no report: is it a Zimmer, and not an older one?`,
  )
