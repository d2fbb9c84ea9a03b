import { Refusal } from '../lib/refusal.ts'

export const MAX_BODY_BYTES = 65_536

const decoder = new TextDecoder('utf-8', { fatal: true })

const tooLarge = (max: number) =>
  new Refusal(
    'too_large',
    'body_too_large',
    `The body is larger than ${max} bytes, which is what is taken here`,
  )

/**
 * The body as JSON.
 * @throws Refusal too_large, unsupported (no JSON by its content type), malformed (no UTF-8, no JSON).
 */
export async function readJson(raw: Request, max = MAX_BODY_BYTES): Promise<unknown> {
  if (Number(raw.headers.get('content-length') ?? 0) > max) throw tooLarge(max)
  const bytes = await raw.bytes()
  if (bytes.byteLength > max) throw tooLarge(max)
  const type = raw.headers.get('content-type')
  // No body at all reads as an empty object: the schema then says what is missing.
  if (bytes.byteLength === 0 && !type) return {}
  if (!type || !/^application\/json\s*(;|$)/i.test(type)) {
    throw new Refusal(
      'unsupported',
      'content_type',
      'The body must be JSON, with content-type: application/json',
    )
  }
  return parseJson(decode(bytes))
}

function decode(bytes: Uint8Array) {
  try {
    return decoder.decode(bytes)
  } catch {
    throw new Refusal('malformed', 'invalid_utf8', 'The body is not UTF-8')
  }
}

function parseJson(text: string): unknown {
  // PostgreSQL can't hold a NUL in text, so no string of ours has one.
  if (text.includes('\\u0000'))
    throw new Refusal('invalid', 'invalid_input', 'Strings must not contain NUL (\\u0000)')
  try {
    return JSON.parse(text)
  } catch {
    throw new Refusal('malformed', 'invalid_json', 'The body is not JSON')
  }
}
