import { type FieldError, Refusal, type RefusalKind } from '../lib/refusal.ts'

export const PROBLEM = 'application/problem+json'

const STATUS: Record<RefusalKind, number> = {
  malformed: 400,
  unauthenticated: 401,
  unpaid: 402,
  forbidden: 403,
  missing: 404,
  conflict: 409,
  too_slow: 408,
  too_large: 413,
  unsupported: 415,
  invalid: 422,
  too_many: 429,
  overloaded: 503,
  full: 507,
}

const TITLE: Record<number, string> = {
  400: 'Bad request',
  401: 'Not signed in',
  402: 'Not enough tokens',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Too slow',
  409: 'Conflict',
  413: 'Too large',
  415: 'Unsupported content type',
  422: 'Not valid',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Not available now',
  507: 'Storage is full',
}

export interface Problem {
  type: string
  title: string
  status: number
  code: string
  /** For people; clients of the first API read it too. */
  detail: string
  requestId: string
  errors?: FieldError[]
  [extra: string]: unknown
}

/** The RFC 9457 body of a refusal; anything else becomes a 500 that tells nothing of the inside. */
export function problemOf(error: unknown, requestId: string): Problem {
  if (!(error instanceof Refusal)) {
    return problem(500, 'internal', 'Something went wrong here; the request id helps to find it', requestId)
  }
  // The cause is for the log: it may name files of this machine.
  const { retryAfterSeconds: _, cause: __, ...details } = error.details
  return { ...problem(STATUS[error.kind], error.code, error.message, requestId), ...details }
}

export function problem(status: number, code: string, detail: string, requestId: string): Problem {
  return {
    type: `urn:zimmer:problem:${code}`,
    title: TITLE[status] ?? 'Error',
    status,
    code,
    detail,
    requestId,
  }
}

export function problemResponse(body: Problem, headers: Record<string, string>) {
  return new Response(JSON.stringify(body), {
    status: body.status,
    headers: { ...headers, 'content-type': PROBLEM },
  })
}
