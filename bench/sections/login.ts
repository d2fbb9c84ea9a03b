import { hashPassword } from '../../src/accounts/password.ts'
import { alternate, failuresOf, type Options } from '../arena.ts'
import type { Argon2Result } from '../argon2.ts'
import { everyGet } from '../endpoints.ts'
import { type Row, row } from '../figures.ts'
import type { Prepared } from '../load-order.ts'
import { person } from '../people.ts'
import { askScript } from '../processes.ts'
import { Stage } from '../stage.ts'

/** As many hashes as Zimmer lets run at once. */
const AT_ONCE = 2
/** So many sign in at once: two are hashed, the rest wait in their queue. */
const SIGNING_IN = 16
const READERS = 8
/** Some hundred logins. */
const LEAST_SECONDS = 3
const USERS = 10_000

/** Sign-ins beside argon2id alone on the same cores, and what others notice of them. */
export async function loginRows(options: Options): Promise<Row[]> {
  const stage = await Stage.open(options, { users: USERS })
  const { password } = stage
  const hash = await hashPassword(password)
  const logins: Prepared[] = Array.from({ length: 500 }, (_, index) => ({
    name: 'POST /api/auth/login',
    method: 'POST',
    path: '/api/auth/login',
    body: JSON.stringify({ email: person(index + 1).email, password }),
  }))
  const me = everyGet(stage.cast).get('GET /api/me') ?? []
  const seconds = Math.max(LEAST_SECONDS, options.seconds)
  const signIn = (time = seconds) =>
    stage.play({ requests: logins, connections: SIGNING_IN, seconds: time, warmUpSeconds: 0.3 })
  const read = (time = seconds) => stage.play({ requests: me, connections: READERS, seconds: time })
  await signIn(1)
  await read(1)
  const failures: string[] = []
  const busy: number[] = []
  const [values = [], limits = [], quiet = []] = await alternate<number>(options.rounds, [
    async () => {
      const result = await signIn()
      failures.push(failuresOf([result]))
      return result.requests / result.seconds
    },
    async () => {
      const order = { hash, password, seconds, atOnce: AT_ONCE }
      const { count, seconds: took } = await askScript<Argon2Result>('argon2.ts', order)
      return count / took
    },
    async () => {
      const before = await read()
      const [, during] = await Promise.all([
        signIn(seconds + 1),
        Bun.sleep(500).then(() => read(seconds - 0.3)),
      ])
      busy.push(during.p99Ms)
      return before.p99Ms
    },
  ])
  await stage.end()
  const refused = failures.filter(Boolean).join('; ')
  return [
    row({
      name: `POST /api/auth/login (${SIGNING_IN} connections)`,
      unit: 'logins/s',
      values,
      limits,
      goal: { ratioAtLeast: 0.9 },
      note: `limit: argon2id alone, ${AT_ONCE} at once${refused && `; refused: ${refused}`}`,
    }),
    row({
      name: `GET /api/me while logins saturate, p99 (${READERS} connections)`,
      unit: 'ms',
      values: busy,
      limits: quiet,
      goal: { ratioAtMost: 3 },
      note: 'limit: the same without logins',
    }),
  ]
}
