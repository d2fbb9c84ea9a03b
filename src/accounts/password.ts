import type { Options } from '@node-rs/argon2'
import { Refusal } from '../lib/refusal.ts'
import { isCommonPassword } from './common-passwords.ts'
import { foldEmail, wrongField } from './fields.ts'

export const PASSWORD_LEAST = 8
export const PASSWORD_MOST = 128

/** argon2id (algorithm 2), 19 MiB, two passes: of OWASP's choices the one that leaves a small box its memory. */
const ARGON2 = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } satisfies Options
/** Each takes a core for some 15 ms: more at once would leave none to the rest. */
const AT_ONCE = 2
const WAITING_MOST = 64
const RETRY_SECONDS = 2

/** Of a random password that nobody knows: who has no password is verified against it, in the same time. */
const NOBODYS_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$mprwfyjrQQRRAxEeHYSECQ$yTzs8wx++7s4VRGo1d/VgVAk8etns+2N+RPfj34aR6Q'

let running = 0
const waiting: (() => void)[] = []

/**
 * One of two turns, in the order of asking.
 * @throws Refusal `password_queue_full` (overloaded).
 */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) {
    if (waiting.length >= WAITING_MOST) throw queueFull()
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

interface Argon2 {
  hash(password: string): Promise<string>
  verify(hash: string, password: string): Promise<boolean>
}

/**
 * Loaded on the first use: a start that signs nobody in needs no native code. The single executable unpacks it into
 * the temporary folder; where nothing there may be run (noexec), Bun's own does the same, in about twice the time.
 */
let loading: Promise<Argon2> | undefined
function argon2() {
  loading ??= import('@node-rs/argon2').then(
    ({ hash, verify }) => ({ hash: (password) => hash(password, ARGON2), verify }),
    () => BUNS_ARGON2,
  )
  return loading
}

const BUNS_ARGON2: Argon2 = {
  hash: (password) =>
    Bun.password.hash(password, {
      algorithm: 'argon2id',
      memoryCost: ARGON2.memoryCost,
      timeCost: ARGON2.timeCost,
    }),
  verify: (hash, password) => Bun.password.verify(password, hash),
}

/** One text however a keyboard composes it. */
const folded = (password: string) => password.normalize('NFKC')

/** @throws Refusal `password_queue_full` (overloaded). */
export async function hashPassword(password: string): Promise<string> {
  const { hash } = await argon2()
  return inTurn(() => hash(folded(password)))
}

/**
 * Whether it is the password. Takes the same time for who has none (null), and says no.
 * @throws Refusal `password_queue_full` (overloaded).
 */
export async function verifyPassword(password: string, passwordHash: string | null): Promise<boolean> {
  const { verify } = await argon2()
  const same = await inTurn(() => verify(passwordHash ?? NOBODYS_HASH, folded(password)))
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
    throw wrongField(field, `must have ${PASSWORD_LEAST} to ${PASSWORD_MOST} characters`)
  }
  const lower = password.toLowerCase()
  if (isCommonPassword(lower)) throw wrongField(field, 'is one of the most common passwords; choose another')
  const address = foldEmail(email)
  const own = [address, address.split('@')[0], name.trim().toLowerCase()]
  if (own.includes(lower)) throw wrongField(field, 'must not be your own email or name')
}
