import { setPriority } from 'node:os'
import type { Options } from '@node-rs/argon2'

// A thread that hashes passwords. It gives way to the one that answers requests: a sign-in may take its time.

/** Without a hash it makes one; with one it says whether that is the password's. */
export interface HashingRequest {
  password: string
  hash?: string
}

export type HashingReply = { hash: string } | { same: boolean } | { error: string }

/** argon2id (algorithm 2), 19 MiB, two passes: of OWASP's choices the one that leaves a small box its memory. */
const ARGON2 = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } satisfies Options
/** Of this thread alone: on Linux each has a priority of its own. */
const NICENESS = 10

declare const self: Worker

if (process.platform === 'linux') setPriority(0, NICENESS)

/**
 * The single executable unpacks the native code into the temporary folder; where nothing there may be run (noexec),
 * Bun's own does the same, in about twice the time.
 */
const argon2 = import('@node-rs/argon2').then(
  ({ hashSync, verifySync }) => ({
    hash: (password: string) => hashSync(password, ARGON2),
    verify: (hash: string, password: string) => verifySync(hash, password),
  }),
  () => ({
    hash: (password: string) =>
      Bun.password.hashSync(password, {
        algorithm: 'argon2id',
        memoryCost: ARGON2.memoryCost,
        timeCost: ARGON2.timeCost,
      }),
    verify: (hash: string, password: string) => Bun.password.verifySync(password, hash),
  }),
)

self.onmessage = async ({ data: { password, hash } }: MessageEvent<HashingRequest>) => {
  const { hash: hashed, verify } = await argon2
  let reply: HashingReply
  try {
    reply = hash === undefined ? { hash: hashed(password) } : { same: verify(hash, password) }
  } catch (error) {
    reply = { error: (error as Error).message }
  }
  self.postMessage(reply)
}
