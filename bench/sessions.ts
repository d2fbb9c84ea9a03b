import { ACCESS_TOKEN_MS, signAccessToken } from '../src/accounts/access-token.ts'
import { SESSION_MS } from '../src/accounts/sessions.ts'
import { openApp } from '../src/app.ts'
import { prepareDataDir, readConfig } from '../src/config.ts'
import { MINUTE_MS } from '../src/lib/time.ts'
import type { Role } from '../src/storage/tables.ts'
import { isActiveUser, managerOf } from './cells.ts'
import type { Size } from './population.ts'
import type { Setting } from './processes.ts'

const ROWS_PER_STATEMENT = 1_000
/** Their access tokens hold at least as long: longer than any run but the longest soaks. */
const HELD_MS = 180 * MINUTE_MS

export interface SignedIn {
  userId: number
  /** For `Authorization: Bearer`. */
  token: string
}

export interface SignedInUsers {
  manager: SignedIn
  customers: SignedIn[]
}

/**
 * Live sessions of the manager and of so many customers, spread over all of them, made beside the server as
 * `zimmer admin` would: it shares the database and the secret.
 *
 * @param heldMs how long their access tokens hold.
 */
export async function signIn(
  { dataDir, databaseUrl = null }: Setting,
  size: Size,
  { count, heldMs = HELD_MS }: { count: number; heldMs?: number },
): Promise<SignedInUsers> {
  const users = [managerOf(size), ...spread(size, count)]
  const config = prepareDataDir(readConfig({}, { dataDir, databaseUrl, logLevel: 'error' }))
  const app = await openApp(config)
  try {
    const signed: SignedIn[] = []
    for (let from = 0; from < users.length; from += ROWS_PER_STATEMENT) {
      const some = users.slice(from, from + ROWS_PER_STATEMENT)
      const now = app.clock()
      const until = now + Math.max(SESSION_MS, heldMs)
      const rows = await app.write((tx) =>
        tx
          .insertInto('sessions')
          .values(some.map((userId) => sessionRow(userId, { now, until, lastUsedAt: now + heldMs })))
          .returning(['id', 'user_id'])
          .execute(),
      )
      for (const { id: sessionId, user_id: userId } of rows) {
        const role: Role = userId > size.users ? 'manager' : 'customer'
        // A token holds from the moment of its making: made that much later, it holds that much longer.
        const times = { now: now + heldMs - ACCESS_TOKEN_MS, until }
        signed.push({
          userId,
          token: await signAccessToken(config.jwtSecret, { userId, sessionId, role }, times),
        })
      }
    }
    const manager = signed.find(({ userId }) => userId > size.users)
    if (!manager) throw new Error('the data set has no manager')
    return { manager, customers: signed.filter((user) => user !== manager) }
  } finally {
    await app.close()
  }
}

const sessionRow = (
  userId: number,
  { now, until, lastUsedAt }: Record<'now' | 'until' | 'lastUsedAt', number>,
) => ({
  user_id: userId,
  created_at: now,
  last_used_at: lastUsedAt,
  expires_at: until,
  revoked_at: null,
  revoked_reason: null,
  ip: '127.0.0.1',
  user_agent: 'bench',
})

/** Active customers, evenly spread; when there are fewer, some of them several times. */
function spread(size: Size, count: number): number[] {
  const step = Math.max(1, Math.floor(size.users / count))
  const chosen: number[] = []
  for (let id = 1; chosen.length < count; id += step) {
    const user = ((id - 1) % size.users) + 1
    if (isActiveUser(user)) chosen.push(user)
  }
  return chosen
}
