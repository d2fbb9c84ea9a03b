import { Refusal } from '../lib/refusal.ts'
import { isCommonPassword } from './common-passwords.ts'
import { foldEmail, wrongField } from './fields.ts'
import { hash, verify } from './hashing.ts'

export const PASSWORD_LEAST = 8
export const PASSWORD_MOST = 128

/** Each takes a core for some 15 ms: more at once would leave none to the rest. */
const AT_ONCE = 2
const WAITING_MOST = 64
/** Places that staff have besides: a flood of sign-ins must not keep out those who could stop it. */
const WAITING_STAFF = 16
const RETRY_SECONDS = 2

/** Of a random password that nobody knows: who has no password is verified against it, in the same time. */
const NOBODYS_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$mprwfyjrQQRRAxEeHYSECQ$yTzs8wx++7s4VRGo1d/VgVAk8etns+2N+RPfj34aR6Q'

let running = 0
const waiting: (() => void)[] = []

/**
 * One of two turns, in the order of asking also for staff: how long it takes tells nobody who they are.
 * @throws Refusal `password_queue_full` (overloaded).
 */
async function inTurn<T>(isStaff: boolean, work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) {
    if (waiting.length >= WAITING_MOST + (isStaff ? WAITING_STAFF : 0)) throw queueFull()
    // Whoever ends hands its turn over, so `running` counts us already.
    await new Promise<void>((resolve) => waiting.push(resolve))
  } else {
    running++
  }
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else running--
  }
}

const queueFull = () =>
  new Refusal('overloaded', 'password_queue_full', 'Too many sign-ins at once; try again in a moment', {
    retryAfterSeconds: RETRY_SECONDS,
  })

/** One text however a keyboard composes it. */
const folded = (password: string) => password.normalize('NFKC')

/**
 * @param forStaff whether somebody who works here asks for it.
 * @throws Refusal `password_queue_full` (overloaded).
 */
export async function hashPassword(password: string, { forStaff = false } = {}): Promise<string> {
  return inTurn(forStaff, () => hash(folded(password)))
}

/**
 * Whether it is the password. Takes the same time for who has none (null), and says no.
 * @throws Refusal `password_queue_full` (overloaded).
 */
export async function verifyPassword(
  password: string,
  passwordHash: string | null,
  { forStaff = false } = {},
): Promise<boolean> {
  const same = await inTurn(forStaff, () => verify(passwordHash ?? NOBODYS_HASH, folded(password)))
  return same && passwordHash !== null
}

/**
 * Refuses a password that a guesser would try first.
 * @param field what the refusal names.
 * @throws Refusal invalid: not 8–128 characters long, a common one, or the user's own email or name.
 */
export function checkPassword(
  password: string,
  { email, name }: { email: string; name: string },
  field = 'password',
) {
  const length = [...password].length
  if (length < PASSWORD_LEAST || length > PASSWORD_MOST) {
    const rule =
      length < PASSWORD_LEAST
        ? { code: 'minLength', limit: PASSWORD_LEAST }
        : { code: 'maxLength', limit: PASSWORD_MOST }
    throw wrongField(field, `must have ${PASSWORD_LEAST} to ${PASSWORD_MOST} characters`, rule)
  }
  const lower = folded(password).toLowerCase()
  const guessed = (why: string) => wrongField(field, why, { code: 'guessable' })
  if (isCommonPassword(lower)) throw guessed('is one of the most common passwords; choose another')
  const address = foldEmail(email)
  const own = [address, address.split('@')[0], folded(name.trim()).toLowerCase()]
  if (own.includes(lower)) throw guessed('must not be your own email or name')
}
