import type { Tx } from '../storage/storage.ts'
import type { Role } from '../storage/tables.ts'

export interface NewUser {
  email: string
  name: string
  phoneNumber?: string | null
  /** argon2id, or null for who can't sign in with a password. */
  passwordHash: string | null
  role: Role
}

/** @throws Refusal `email_taken` (conflict). */
export async function createUser(
  _tx: Tx,
  _user: NewUser,
): Promise<{ id: number; email: string; role: Role }> {
  throw new Error('being written')
}

export interface SessionTokens {
  sessionId: number
  accessToken: string
  refreshToken: string
}

/** Signs a user in: a new session with its first refresh token. */
export async function startSession(
  _tx: Tx,
  _jwtSecret: string,
  _user: { id: number; role: Role },
  _device: { ip: string | null; userAgent: string | null },
): Promise<SessionTokens> {
  throw new Error('being written')
}

export interface StaffAction {
  staffId: number | null
  /** `user.deactivate`, `automation.update`, … */
  action: string
  targetType: string
  targetId: number | null
  before?: object | null
  after?: object | null
  ip?: string | null
  requestId?: string | null
}

/** Adds to the audit trail, in the transaction of the action itself. */
export async function recordAction(_tx: Tx, _action: StaffAction): Promise<void> {
  throw new Error('being written')
}
