import { startSession } from '../../src/accounts/accounts.ts'
import { makeDemoData } from '../../src/demo/demo.ts'
import type { Role } from '../../src/storage/tables.ts'
import { type TestZimmer, testZimmer } from '../../test/zimmer.ts'

/** A Zimmer with its web app and half a year of the made-up agency. */
export const demoAgency = (): Promise<TestZimmer> =>
  testZimmer('sqlite', { pages: true, prepare: (app) => app.write((tx) => makeDemoData(tx)) })

interface Person {
  userId: number
  role: Role
  refreshToken: string
}

/** Signs one of the agency's people in, without their password: the busiest customer, or the first of that role. */
export async function someone(zimmer: TestZimmer, role: Role = 'customer'): Promise<Person> {
  const { app } = zimmer
  const busiest = app.db
    .selectFrom('token_usage')
    .select('user_id')
    .groupBy('user_id')
    .orderBy((eb) => eb.fn.countAll(), 'desc')
    .limit(1)
  let query = app.db.selectFrom('users').select(['id', 'role']).where('role', '=', role)
  if (role === 'customer') query = query.where('id', 'in', busiest)
  const user = await query.orderBy('id').limit(1).executeTakeFirstOrThrow()
  return signedIn(zimmer, user)
}

/** A session for that user, whose refresh token a browser can be given as its cookie. */
export async function signedIn({ app }: TestZimmer, user: { id: number; role: Role }): Promise<Person> {
  const device = { ip: '127.0.0.1', userAgent: 'Mozilla/5.0 (Windows NT 10.0) Firefox/140.0' }
  const session = await app.write((tx) => startSession(tx, app.config.jwtSecret, user, device))
  return { userId: user.id, role: user.role, refreshToken: session.refreshToken }
}
