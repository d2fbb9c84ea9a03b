// The front door of accounts/: what other rooms may use. Each verb is in the file that it comes from.

export { type Actor, recordAction } from './audit.ts'
export { createStaff } from './managers.ts'
export { hashPassword } from './password.ts'
export { type ProfileChanges, updateProfile } from './profile.ts'
export { isAdmin, isStaff, type StaffRole } from './roles.ts'
export {
  revokeSessions,
  sessionsOf,
  startSession,
} from './sessions.ts'
export { setupToken } from './setup.ts'
export { setActive, setCustomersActive, setRole } from './standing.ts'
export { createUser, type User, userById } from './users.ts'
