import { numberOf, parse, REPORT_HELP, REPORT_OPTIONS, UsageError, usersOf } from '../flags.ts'
import { measure, publish } from '../report.ts'
import { ablate, PARTS } from '../scenarios/ablate.ts'

const NAMES = PARTS.map(({ name }) => name)

export const ABLATE_HELP = `zimmer bench ablate [options]

What each part of the performance plan is worth: the same requests, one after another, with the part off and on, by
turns, on SQLite. The plan expected 70 % from indexes, 60 % from caching, 50 % from cached sessions and 65 % over all.
The naive access (N + 1) is the bench's own; the product has no such switches.

  --users N         10k, 100k (the default), 1m or a number: the size of the data set
  --only NAME,…     only these: ${NAMES.join(', ')}
  --seconds N       of each round, 0.2 to 60 (4)
  --rounds N        1 to 50 (3)
${REPORT_HELP}

Example: zimmer bench ablate --users 10k --only indexes,'all together'
`

export async function ablateCommand(args: string[]): Promise<number | string> {
  const { values } = parse(args, {
    users: { type: 'string' },
    only: { type: 'string' },
    seconds: { type: 'string' },
    rounds: { type: 'string' },
    ...REPORT_OPTIONS,
  } as const)
  if (values.help) return ABLATE_HELP
  const only = values.only?.split(',').map((name) => name.trim()) ?? NAMES
  const parts = PARTS.filter(({ name }) => only.includes(name))
  if (parts.length < only.length || parts.length === 0) {
    throw new UsageError(
      `--only knows ${NAMES.join(', ')}, not "${only.filter((name) => !NAMES.includes(name)).join(', ')}"`,
    )
  }
  const users = usersOf(values.users, 100_000)
  const seconds = numberOf(values.seconds, '--seconds', { least: 0.2, most: 60, usual: 4 })
  const rounds = numberOf(values.rounds, '--rounds', { least: 1, most: 50, usual: 3, whole: true })
  const report = await measure({ rounds, seconds, scale: 'usual' }, (options) =>
    ablate({ ...options, users, parts }),
  )
  return publish(report, values)
}
