import { ConfigError } from '../config.ts'
import { Refusal } from '../lib/refusal.ts'

/** What the shell is told. */
export const EXIT = { well: 0, failure: 1, usage: 2 } as const

/** A command can't go on, for a reason that is known: its message is for people and says what to do. */
export class CommandError extends Error {
  constructor(
    message: string,
    readonly exitCode: number = EXIT.failure,
  ) {
    super(message)
    this.name = 'CommandError'
  }
}

/** Says on stderr what went wrong, and returns the exit code. What nobody foresaw is shown with its stack. */
export function reportFailure(error: unknown): number {
  if (error instanceof ConfigError) {
    console.error(error.message)
    return EXIT.usage
  }
  if (error instanceof CommandError) {
    console.error(`zimmer: ${error.message}`)
    return error.exitCode
  }
  if (error instanceof Refusal) {
    console.error(`zimmer: ${error.message}`)
    return error.kind === 'invalid' || error.kind === 'malformed' ? EXIT.usage : EXIT.failure
  }
  console.error(error)
  return EXIT.failure
}
