import { Refusal } from '../lib/refusal.ts'
import { inTime } from './arrival.ts'
import { invalidField } from './validate.ts'

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
 * @throws Refusal too_large, too_slow, unsupported (no JSON by its content type), malformed (not all of it, no UTF-8,
 * no JSON).
 */
export function readJson(raw: Request, max = MAX_BODY_BYTES, withinMs?: number): Promise<unknown> {
  const length = raw.headers.get('content-length')
  if (Number(length ?? 0) > max) throw tooLarge(max)
  const bytes = length === null && raw.body ? readChunks(raw.body, max) : raw.bytes()
  return inTime(bytes, (all) => jsonOf(all, raw.headers.get('content-type')), withinMs)
}

function jsonOf(bytes: Uint8Array, type: string | null): unknown {
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

/** Without a length nobody knows how much is to come: what is too much is not even gathered. */
async function readChunks(body: ReadableStream<Uint8Array>, max: number) {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > max) throw tooLarge(max)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function decode(bytes: Uint8Array) {
  try {
    return decoder.decode(bytes)
  } catch {
    throw new Refusal('malformed', 'invalid_utf8', 'The body is not UTF-8')
  }
}

function parseJson(text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Refusal('malformed', 'invalid_json', 'The body is not JSON')
  }
  // What no text column can hold gets here only as an escape: the bytes were UTF-8, and JSON has no raw NUL.
  if (text.includes('\\u')) refuseBadText(value)
  return value
}

/**
 * A NUL is nothing that PostgreSQL can store, and half a surrogate pair nothing that UTF-8 can: it would be read
 * back as another text than the one that was answered for.
 */
function refuseBadText(body: unknown) {
  const waiting: [value: unknown, path: string][] = [[body, '']]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [value, path] = next
    if (typeof value === 'string') refuseText(value, path)
    else if (typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value)) {
        refuseText(name, path)
        waiting.push([inner, path ? `${path}.${name}` : name])
      }
    }
  }
}

function refuseText(text: string, path: string) {
  if (text.includes('\0')) throw invalidField(path || 'body', 'must not contain NUL (\\u0000)')
  if (!text.isWellFormed()) throw invalidField(path || 'body', 'must not contain half of a surrogate pair')
}
