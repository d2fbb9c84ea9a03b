import type { Request } from './connection.ts'

export interface Endpoint extends Request {
  /** Statuses that mean that it works. */
  expected: (status: number) => boolean
  /** Does next to nothing. */
  isIdle: boolean
}

const isOk = (status: number) => status === 200
const get = (path: string): Endpoint => ({ method: 'GET', path, expected: isOk, isIdle: false })

/** The main endpoints of a Zimmer; those that need a caller only with a token. */
export function zimmerEndpoints(token: string | null): Endpoint[] {
  const open: Endpoint[] = [
    { ...get('/healthz'), isIdle: true },
    get('/health'),
    get('/readyz'),
    get('/openapi.json'),
    get('/api/automations/marketplace'),
    // Refused by its schema before anybody looks for an account: a POST that changes nothing.
    {
      method: 'POST',
      path: '/api/auth/login',
      body: '{}',
      expected: (status) => status === 422,
      isIdle: false,
    },
  ]
  if (token === null) return open
  const headers = { authorization: `Bearer ${token}` }
  const asCaller = ['/api/me', '/api/user/usage', '/api/admin/users'].map((path) => ({
    ...get(path),
    headers,
  }))
  return [...open, ...asCaller]
}

/** One path of any server. */
export function anyEndpoint(path: string, token: string | null): Endpoint[] {
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` }
  return [{ method: 'GET', path, headers, expected: (status) => status < 400, isIdle: false }]
}
