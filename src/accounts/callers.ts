import type { App } from '../app.ts'
import type { CallerRule } from '../http/route.ts'
import type { Role } from '../storage/tables.ts'

/** A signed-in user, as a request knows them. */
export interface Principal {
  userId: number
  sessionId: number
  role: Role
}

/** Nobody is asked who they are. */
export const anyone: CallerRule<null> = { name: 'anyone', security: null, resolve: () => null }

export interface Callers {
  /** Any active user with a live session. */
  signedIn: CallerRule<Principal>
  /** manager, technical_team, support_staff. */
  staff: CallerRule<Principal>
  /** manager, technical_team. */
  admins: CallerRule<Principal>
  managers: CallerRule<Principal>
}

/** The rules of who may call; one set per App. */
export function callers(_app: App): Callers {
  throw new Error('being written')
}
