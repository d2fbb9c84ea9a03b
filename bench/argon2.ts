/**
 * The limit of a login: argon2id alone, as many at once as Zimmer lets run. Reads `{hash, password, seconds, atOnce}`
 * from stdin, writes `{count, seconds}` to stdout.
 */
import { verify } from '@node-rs/argon2'

interface Order {
  hash: string
  password: string
  seconds: number
  atOnce: number
}

export interface Argon2Result {
  count: number
  seconds: number
}

const { hash, password, seconds, atOnce } = JSON.parse(await Bun.stdin.text()) as Order
const startedAt = performance.now()
let count = 0
const work = async () => {
  while (performance.now() - startedAt < seconds * 1_000) {
    if (!(await verify(hash, password))) throw new Error('the password is another one')
    count++
  }
}
await Promise.all(Array.from({ length: atOnce }, work))
console.log(
  JSON.stringify({ count, seconds: (performance.now() - startedAt) / 1_000 } satisfies Argon2Result),
)
