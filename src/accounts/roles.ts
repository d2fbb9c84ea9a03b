import type { Role } from '../storage/tables.ts'

/** Who works for the operator; all others are customers. */
export const STAFF_ROLES = ['manager', 'technical_team', 'support_staff'] as const satisfies readonly Role[]
export type StaffRole = (typeof STAFF_ROLES)[number]

export const isStaff = (role: Role): role is StaffRole => role !== 'customer'

/** May change automations and subscriptions; the clients of the first API call it `is_admin`. */
export const isAdmin = (role: Role) => role === 'manager' || role === 'technical_team'
