// The front door of accounts/: what other rooms may use. Each verb is in the file that it comes from.

export { type Actor, recordAction, recordActions, type StaffAction } from './audit.ts'
export { createStaff, type NewStaff } from './managers.ts'
export { checkPassword, hashPassword } from './password.ts'
export { type ProfileChanges, updateProfile } from './profile.ts'
export { isAdmin, isStaff, STAFF_ROLES, type StaffRole } from './roles.ts'
export {
  type RevokeReason,
  revokeSessions,
  type SessionTokens,
  sessionsOf,
  startSession,
} from './sessions.ts'
export { setupToken } from './setup.ts'
export { setActive, setRole } from './standing.ts'
export { createUser, type NewUser, type User, userById } from './users.ts'
