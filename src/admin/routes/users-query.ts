import Type from 'typebox'
import type { Incoming } from '../../http/incoming.ts'
import { afterId, afterValue, isKeyPart } from '../../http/page.ts'
import type { UserKey, UserOrder } from '../admin.ts'

/** `?search=&…&sort=&order=` of a list of users; spread it into the query's schema. */
export const usersQuery = {
  search: Type.Optional(
    Type.String({
      maxLength: 200,
      description:
        'Part of a name or an email, whatever the case, accents, and Arabic or Persian forms of letters; ' +
        'one or two letters are the beginning of a word',
    }),
  ),
  role: Type.Optional(Type.Enum(['manager', 'technical_team', 'support_staff', 'customer'])),
  is_active: Type.Optional(Type.Boolean()),
  is_admin: Type.Optional(Type.Boolean()),
  email_verified: Type.Optional(Type.Boolean()),
  sort: Type.Optional(
    Type.Enum(['created_at', 'name', 'email'], { description: 'By id, newest first, unless given' }),
  ),
  order: Type.Optional(
    Type.Enum(['asc', 'desc'], { description: 'desc for created_at, asc for others unless given' }),
  ),
}

type Sorted = { sort?: UserOrder['by']; order?: 'asc' | 'desc' }

/** Null: by id, newest first. */
export function orderOf({ sort, order }: Sorted): UserOrder | null {
  if (sort === undefined && order === undefined) return null
  const by = sort ?? 'created_at'
  return { by, descending: (order ?? (by === 'created_at' ? 'desc' : 'asc')) === 'desc' }
}

const isText = (value: unknown): value is string =>
  typeof value === 'string' && /^[^\p{Cc}\p{Cs}]{0,254}$/u.test(value)
const isTime = (value: unknown): value is number => isKeyPart(value)

/** Where the page before ended. @throws Refusal invalid, for a cursor of another order. */
export function afterUser(query: { cursor?: string }, order: UserOrder | null): UserKey | null {
  if (order === null) return afterId(query)
  return order.by === 'created_at' ? afterValue(query, isTime) : afterValue(query, isText)
}

/** It holds the name or the address that the page before ended with. */
export const usersQueryCursor = {
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 1_200, description: 'The next_cursor of the page before' }),
  ),
}

export const actorOf = (caller: { userId: number }, request: Incoming) => ({
  staffId: caller.userId,
  ip: request.address,
  requestId: request.id,
})
