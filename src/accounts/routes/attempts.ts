import type { Config } from '../../config.ts'
import { type Limiter, limiter, type Taken } from '../../http/limit.ts'
import { Refusal } from '../../lib/refusal.ts'

const PER_ACCOUNT = 10
const PER_ADDRESS = 50
const WINDOW_SECONDS = 15 * 60
/** What was a guess; anything else that went wrong is not held against anybody. */
const GUESSES = ['invalid_credentials', 'wrong_password']

export interface Guesser {
  /** Whose password is tried: an email of anybody or nobody, or a user id. */
  account: string
  /** From where, when it counts. */
  network: string | null
}

/** Counts wrong passwords, per account and per address. */
export class Attempts {
  readonly #accounts: Limiter
  readonly #addresses: Limiter

  constructor(config: Config) {
    this.#accounts = limiter(config, PER_ACCOUNT, WINDOW_SECONDS)
    this.#addresses = limiter(config, PER_ADDRESS, WINDOW_SECONDS)
  }

  /**
   * Takes the points first, so that guesses at once count as well, and gives them back unless it was a guess: also
   * that of the address, when the account is closed.
   * @throws Refusal `rate_limited` (too_many).
   */
  async run<T>({ account, network }: Guesser, attempt: () => Promise<T>): Promise<T> {
    const taken: Taken[] = []
    let guessed = false
    try {
      if (network) taken.push(this.#addresses.take(network))
      taken.push(this.#accounts.take(account))
      return await attempt()
    } catch (error) {
      guessed = error instanceof Refusal && GUESSES.includes(error.code)
      throw error
    } finally {
      if (!guessed) for (const point of taken) point.giveBack()
    }
  }
}
