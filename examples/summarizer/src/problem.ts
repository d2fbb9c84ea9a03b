type Extras = { headers?: Record<string, string>; fields?: Record<string, unknown> }

/** A refusal as the client sees it: problem+json (RFC 9457) with a stable `code`. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly extras: Extras = {},
  ) {
    super(`${status} ${code}: ${detail}`)
  }

  toResponse(): Response {
    const { status, code, title, detail, extras } = this
    const body = { type: `urn:summarizer:problem:${code}`, title, status, detail, code, ...extras.fields }
    return json(body, status, { 'content-type': 'application/problem+json', ...extras.headers })
  }
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  const common = {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  }
  return new Response(JSON.stringify(body), { status, headers: { ...common, ...headers } })
}

/** 422, with what is wrong with each field. */
export function invalid(errors: Record<string, string>): Problem {
  const list = Object.entries(errors).map(([field, message]) => ({ field, message }))
  const detail = list.map(({ field, message }) => `${field} ${message}`).join('; ')
  return new Problem(422, 'invalid_fields', 'Invalid fields', `${detail}.`, { fields: { errors: list } })
}
