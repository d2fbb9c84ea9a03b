import Type, { type Static } from 'typebox'
import { iso, isoOrNull } from '../../lib/time.ts'
import type { Role } from '../../storage/tables.ts'
import { EMAIL_MOST, NAME_MOST, PHONE_MOST } from '../fields.ts'
import { PASSWORD_LEAST, PASSWORD_MOST } from '../password.ts'
import { isAdmin, STAFF_ROLES } from '../roles.ts'
import type { User } from '../users.ts'

/** A body or a query, of which nothing is unknown. */
export const strict = { additionalProperties: false } as const

export const Id = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
export const IdParams = Type.Object({ id: Id }, strict)
export const Email = Type.String({
  minLength: 3,
  maxLength: EMAIL_MOST,
  description: 'One address is one user',
})
export const Name = Type.String({ minLength: 1, maxLength: NAME_MOST })
export const Phone = Type.Union([Type.String({ maxLength: PHONE_MOST }), Type.Null()])
export const NewPassword = Type.String({
  minLength: PASSWORD_LEAST,
  maxLength: PASSWORD_MOST,
  description: 'No common one, and not your email or name',
})
/** Wrong ones are refused as wrong, whatever their length. */
export const GivenPassword = Type.String({ minLength: 1, maxLength: 1_024 })
export const StaffRoleName = Type.Enum(STAFF_ROLES)
export const RoleName = Type.Enum([...STAFF_ROLES, 'customer'])

export const Time = Type.String({ format: 'date-time' })
export const Nothing = Type.Null()
export const Message = Type.Object({ message: Type.String() })
export const Ok = Type.Object({ ok: Type.Boolean(), message: Type.String() })

/** Who has just signed up. */
export const SignedUp = Type.Object({
  access_token: Type.String(),
  token_type: Type.Literal('bearer'),
  user: Type.Object({ id: Id, name: Type.String(), email: Type.String(), is_admin: Type.Boolean() }),
})

export function signedUpReply(
  user: { id: number; name: string; email: string; role: Role },
  accessToken: string,
): Static<typeof SignedUp> {
  const { id, name, email, role } = user
  return {
    access_token: accessToken,
    token_type: 'bearer',
    user: { id, name, email, is_admin: isAdmin(role) },
  }
}

/** A user, as they and the staff see them. */
export const UserReply = Type.Object({
  id: Id,
  name: Type.String(),
  email: Type.String(),
  phone_number: Type.Union([Type.String(), Nothing]),
  role: RoleName,
  is_admin: Type.Boolean(),
  is_active: Type.Boolean(),
  email_verified: Type.Boolean(),
  last_login_at: Type.Union([Time, Nothing]),
  created_at: Time,
})

export const UserAndMessage = Type.Object({ ...Message.properties, ...UserReply.properties })

export function userReply(user: User): Static<typeof UserReply> {
  return {
    id: user.id,
    name: user.name,
    email: user.email,
    phone_number: user.phone_number,
    role: user.role,
    is_admin: isAdmin(user.role),
    is_active: user.is_active === 1,
    email_verified: user.email_verified === 1,
    last_login_at: isoOrNull(user.last_login_at),
    created_at: iso(user.created_at),
  }
}
