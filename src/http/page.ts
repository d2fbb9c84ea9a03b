import Type from 'typebox'
import type { TimeKey, ValueKey } from '../lib/keyset.ts'
import { invalidField } from './validate.ts'

const DEFAULT_LIMIT = 20

/** `?limit=&cursor=` of a list that is walked by key; spread it into the query's schema. */
export const pageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: '20 unless given' })),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 100, description: 'The next_cursor of the page before' }),
  ),
}

/** A UTC day in a query; see `readDay`. */
export const dayField = (description: string) =>
  Type.Optional(Type.String({ minLength: 10, maxLength: 10, description: `YYYY-MM-DD, UTC; ${description}` }))

/** `?from=&to=` of a list, which without them has everything; see `timesOf`. */
export const timesQuery = { from: dayField('the first day'), to: dayField('the last day') }

/** What the next page is asked with; null on the last one. */
export const NextCursor = Type.Union([Type.String(), Type.Null()])

export const limitOf = ({ limit }: { limit?: number }, otherwise = DEFAULT_LIMIT) => limit ?? otherwise

/** Opaque to clients: base64url of the key that the page ended with. */
export function cursorOf(key: number | TimeKey | ValueKey | null): string | null {
  if (key === null) return null
  const parts = typeof key === 'number' ? [key] : 'at' in key ? [key.at, key.id] : [key.value, key.id]
  return Buffer.from(JSON.stringify(parts)).toString('base64url')
}

/**
 * The id that a list ordered by id goes on after; null for its first page.
 * @throws Refusal invalid, for a cursor that no list of this kind gave.
 */
export function afterId({ cursor }: { cursor?: string }): number | null {
  return cursor === undefined ? null : (partsOf(cursor, 1)[0] as number)
}

/** As `afterId`, for a list ordered by time and id. */
export function afterTime({ cursor }: { cursor?: string }): TimeKey | null {
  if (cursor === undefined) return null
  const [at, id] = partsOf(cursor, 2) as [number, number]
  return { at, id }
}

/** As `afterId`, for a list ordered by a column and id; `isValue` says what that column holds. */
export function afterValue<Value>(
  { cursor }: { cursor?: string },
  isValue: (value: unknown) => value is Value,
): { value: Value; id: number } | null {
  if (cursor === undefined) return null
  const parts = parse(Buffer.from(cursor, 'base64url').toString())
  if (!Array.isArray(parts) || parts.length !== 2 || !isValue(parts[0]) || !isKeyPart(parts[1])) {
    throw invalidField('cursor', 'must be the next_cursor of the page before')
  }
  return { value: parts[0], id: parts[1] as number }
}

function partsOf(cursor: string, count: number): number[] {
  const parts = parse(Buffer.from(cursor, 'base64url').toString())
  const isKey = Array.isArray(parts) && parts.length === count && parts.every(isKeyPart)
  if (!isKey) throw invalidField('cursor', 'must be the next_cursor of the page before')
  return parts
}

export const isKeyPart = (part: unknown) => Number.isSafeInteger(part) && (part as number) >= 0

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
