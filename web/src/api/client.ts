import type { Api } from './schema.ts'

export interface FieldError {
  field: string
  message: string
  /** The rule that is broken, and its bound: for words in other languages. */
  code?: string
  limit?: number
}

/** How long an answer may take before it counts as none: twice as long as the server stays silent. */
export const PATIENCE_MS = 60_000

/** What the server refused, in its own words; or that it could not be reached. */
export class ApiError extends Error {
  override readonly name = 'ApiError'

  constructor(
    /** 0 when no answer came. */
    readonly status: number,
    readonly code: string,
    message: string,
    readonly requestId: string | null = null,
    readonly fields: readonly FieldError[] = [],
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(message)
  }

  /** It may go well a moment later, and nothing was done yet. */
  get isPassing() {
    return this.status === 0 || this.status === 503 || this.status === 429
  }
}

type Operation = keyof Api
type Given<O extends Operation> = (Api[O]['path'] extends undefined ? unknown : { path: Api[O]['path'] }) &
  (Api[O]['query'] extends undefined ? unknown : { query?: Api[O]['query'] }) &
  (Api[O]['body'] extends undefined ? unknown : { body: Api[O]['body'] }) & {
    headers?: Record<string, string>
    signal?: AbortSignal
  }
export type Input<O extends Operation> = Given<O>
type Arguments<O extends Operation> =
  unknown extends Given<O>
    ? [Given<O>?]
    : Record<string, never> extends Omit<Given<O>, 'headers' | 'signal' | 'query'>
      ? [Given<O>?]
      : [Given<O>]

interface Loose {
  path?: Record<string, string | number>
  query?: Record<string, string | number | boolean | undefined>
  body?: unknown
  headers?: Record<string, string>
  signal?: AbortSignal
}

/** Who knows the access token: session.ts, which is told here so that neither imports the other in a circle. */
export interface Tokens {
  current(): Promise<string | null>
  /** The one that was used is refused. @returns another one, or null when the session has ended. */
  renewed(refused: string): Promise<string | null>
}

let tokens: Tokens = { current: async () => null, renewed: async () => null }
export const giveTokens = (given: Tokens) => {
  tokens = given
}

/**
 * Calls an endpoint: `call('PUT /api/user/automations/{id}', { path: { id }, body })`.
 *
 * @throws ApiError
 */
export async function call<O extends Operation>(
  operation: O,
  ...[input]: Arguments<O>
): Promise<Api[O]['reply']> {
  const response = await send(operation, patient((input ?? {}) as Loose))
  const isJson = response.headers.get('content-type')?.includes('json')
  return (await answered(isJson ? response.json() : response.text())) as Api[O]['reply']
}

/** The same for a list whose reply is an array: its rows, and the cursor of the next ones, from a header. */
export async function callPage<O extends Operation>(operation: O, ...[input]: Arguments<O>) {
  const response = await send(operation, patient((input ?? {}) as Loose))
  const next = /[?&]cursor=([^&>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1] ?? null
  return { rows: (await answered(response.json())) as Api[O]['reply'], next }
}

function patient(given: Loose): Loose {
  const patience = AbortSignal.timeout(PATIENCE_MS)
  return { ...given, signal: given.signal ? AbortSignal.any([given.signal, patience]) : patience }
}

/** The same for a file, which may take its time: its bytes, and the name that the server gave it. */
export async function download<O extends Operation>(operation: O, ...[input]: Arguments<O>) {
  const response = await send(operation, (input ?? {}) as Loose)
  const name = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1]
  return { blob: await answered(response.blob()), name: name ?? 'zimmer.csv' }
}

async function send(operation: string, input: Loose): Promise<Response> {
  const token = await tokens.current()
  const response = await request(operation, input, token)
  if (response.ok) return response
  if (response.status === 401 && token) {
    const other = await tokens.renewed(token)
    if (other) {
      const again = await request(operation, input, other)
      if (again.ok) return again
      throw await errorOf(again)
    }
  }
  throw await errorOf(response)
}

async function request(
  operation: string,
  { path, query, body, headers, signal }: Loose,
  token: string | null,
) {
  const [method = 'GET', template = ''] = operation.split(' ')
  const url = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path?.[name] ?? ''))
  const asked = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== '')
  const search = new URLSearchParams(asked.map(([name, value]) => [name, String(value)])).toString()
  return answered(
    fetch(search ? `${url}?${search}` : url, {
      method,
      signal: signal ?? null,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  )
}

/** Waits for an answer or the rest of one. @throws ApiError when none comes; as it is when its asker has given up. */
export async function answered<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    const { name } = error as Error
    if (name === 'AbortError') throw error
    const code = name === 'TimeoutError' ? 'timeout' : navigator.onLine ? 'unreachable' : 'offline'
    throw new ApiError(0, code, 'No answer')
  }
}

/** The server's refusal. */
export async function errorOf(response: Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN)
  const problem = (await response.json().catch(() => ({}))) as {
    code?: string
    detail?: string
    requestId?: string
    errors?: FieldError[]
  }
  return new ApiError(
    response.status,
    problem.code ?? 'unknown',
    problem.detail ?? response.statusText,
    problem.requestId ?? response.headers.get('x-request-id'),
    problem.errors ?? [],
    Number.isNaN(retryAfter) ? null : retryAfter,
  )
}
