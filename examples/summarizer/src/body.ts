import { Problem } from './problem.ts'

export type Fields = Record<string, unknown>

/**
 * The JSON object that a request carries.
 *
 * @throws Problem 415 for another content type, 413 over `mostBytes`, 400 for what isn't JSON in UTF-8 or no
 * object.
 */
export async function readFields(request: Request, mostBytes: number): Promise<Fields> {
  const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
  if (type !== 'application/json') {
    throw new Problem(415, 'not_json', 'Unsupported media type', 'Send the body as application/json.')
  }
  const value = parse(await readBytes(request, mostBytes))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Problem(400, 'invalid_json', 'Invalid JSON', 'The body must be a JSON object.')
  }
  return value as Fields
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new Problem(400, 'invalid_json', 'Invalid JSON', 'The body is not valid JSON in UTF-8.')
  }
}

async function readBytes(request: Request, mostBytes: number): Promise<Uint8Array> {
  const tooLarge = () =>
    new Problem(413, 'body_too_large', 'Body too large', `The body may have ${mostBytes} bytes at most.`, {
      headers: { connection: 'close' },
    })
  if (Number(request.headers.get('content-length') ?? 0) > mostBytes) throw tooLarge()
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of request.body ?? []) {
      length += chunk.byteLength
      if (length > mostBytes) break
      chunks.push(chunk)
    }
  } catch {
    throw new Problem(400, 'body_incomplete', 'Incomplete body', 'The connection ended before the body did.')
  }
  if (length > mostBytes) throw tooLarge()
  return Buffer.concat(chunks)
}
