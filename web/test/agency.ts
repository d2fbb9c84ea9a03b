import { hashPassword, startSession } from '../../src/accounts/accounts.ts'
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

/** The customer with the most usage; some of the agency's are deactivated, and may not sign in. */
export const busiestCustomer = ({ app }: TestZimmer) =>
  app.db
    .selectFrom('token_usage')
    .innerJoin('users', 'users.id', 'token_usage.user_id')
    .select(['users.id', 'users.role'])
    .where('users.role', '=', 'customer')
    .where('users.is_active', '=', 1)
    .groupBy(['users.id', 'users.role'])
    .orderBy((eb) => eb.fn.countAll(), 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()

/** Signs one of the agency's people in, without their password: the busiest customer, or the first of that role. */
export async function someone(zimmer: TestZimmer, role: Role = 'customer'): Promise<Person> {
  if (role === 'customer') return signedIn(zimmer, await busiestCustomer(zimmer))
  const ofRole = zimmer.app.db.selectFrom('users').select(['id', 'role']).where('role', '=', role)
  return signedIn(zimmer, await ofRole.orderBy('id').limit(1).executeTakeFirstOrThrow())
}

/** A new user of that role, for `signedIn`. */
export const newcomer = async (zimmer: TestZimmer, role: Role = 'customer') => ({
  id: (await zimmer.user(role)).userId,
  role,
})

/** A session for that user, whose refresh token a browser can be given as its cookie. */
export async function signedIn({ app }: TestZimmer, user: { id: number; role: Role }): Promise<Person> {
  const device = { ip: '127.0.0.1', userAgent: 'Mozilla/5.0 (Windows NT 10.0) Firefox/140.0' }
  const session = await app.write((tx) => startSession(tx, app.config.jwtSecret, user, device))
  return { userId: user.id, role: user.role, refreshToken: session.refreshToken }
}

/** So that they can sign in themselves. @returns their email. */
export async function setPassword({ app }: TestZimmer, id: number, password: string): Promise<string> {
  const password_hash = await hashPassword(password)
  const changed = app.write((tx) =>
    tx
      .updateTable('users')
      .set({ password_hash })
      .where('id', '=', id)
      .returning('email')
      .executeTakeFirstOrThrow(),
  )
  return (await changed).email
}
