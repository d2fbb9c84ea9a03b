import { EXIT } from '../../src/cli/exit.ts'
import { type Options, WrongLedgerError } from '../arena.ts'
import type { Row } from '../figures.ts'
import { numberOf, parse, REPORT_HELP, REPORT_OPTIONS, UsageError } from '../flags.ts'
import { measure, publish } from '../report.ts'
import { healthRows, meCachedRows, meUncachedRows } from '../sections/bare.ts'
import { batchRows } from '../sections/batch.ts'
import { consumeRows, variantRows } from '../sections/consume.ts'
import { growthPostgresRows, growthRows } from '../sections/growth.ts'
import { loginRows } from '../sections/login.ts'
import { measuringRows } from '../sections/measuring.ts'
import { memoryRows, planLoadRows } from '../sections/memory.ts'
import { postgresRows } from '../sections/postgres.ts'
import { readRows } from '../sections/reads.ts'
import { startRows } from '../sections/start.ts'
import { ablateRows, overloadRows } from '../sections/stress.ts'

const SECTIONS: Record<string, (options: Options) => Promise<Row[]>> = {
  consume: consumeRows,
  variants: variantRows,
  batch: batchRows,
  reads: readRows,
  postgres: postgresRows,
  start: startRows,
  health: healthRows,
  'me-cached': meCachedRows,
  'me-uncached': meUncachedRows,
  login: loginRows,
  measuring: measuringRows,
  'plan-load': planLoadRows,
  memory: memoryRows,
  growth: growthRows,
  'growth-postgres': growthPostgresRows,
  overload: overloadRows,
  ablate: ablateRows,
}

export const ALL_HELP = `zimmer bench all [options]

Measures this machine's Zimmer beside what the machine reaches without it, in the same run. It starts servers of
its own on loopback, on data sets of its own; nothing of yours is touched. Exit code 1 when a goal is missed.

  --quick           small data sets, one short round: about five minutes, and noisy
  --full            also a million users and a soak of ten minutes: about an hour and a half, and 30 GB of disk
  --only NAME,…     only these: ${Object.keys(SECTIONS).join(', ')}
  --rounds N        rounds per figure, 1 to 50 (5; 1 with --quick)
  --seconds N       seconds per round, 0.2 to 60 (4; 1 with --quick)
  --markdown FILE   the table; between the two marks of a file that has them, as docs/performance.md
${REPORT_HELP}

Example: npm run bench -- --quick --html bench.html
`

const USUAL = {
  quick: { rounds: 1, seconds: 1 },
  usual: { rounds: 5, seconds: 4 },
  full: { rounds: 5, seconds: 4 },
}

export async function allCommand(args: string[]): Promise<number | string> {
  const { values } = parse(args, {
    only: { type: 'string' },
    quick: { type: 'boolean' },
    full: { type: 'boolean' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    markdown: { type: 'string' },
    ...REPORT_OPTIONS,
  } as const)
  if (values.help) return ALL_HELP
  if (values.quick && values.full) throw new UsageError('give --quick or --full, not both')
  const scale = values.quick ? 'quick' : values.full ? 'full' : 'usual'
  const only = values.only?.split(',').filter(Boolean) ?? Object.keys(SECTIONS)
  const unknown = only.filter((section) => !(section in SECTIONS))
  if (unknown.length > 0 || only.length === 0) {
    throw new UsageError(`--only knows ${Object.keys(SECTIONS).join(', ')}, not "${unknown.join(', ')}"`)
  }
  const usual = USUAL[scale]
  const rounds = numberOf(values.rounds, '--rounds', { least: 1, most: 50, usual: usual.rounds, whole: true })
  const seconds = numberOf(values.seconds, '--seconds', { least: 0.2, most: 60, usual: usual.seconds })
  const broken: string[] = []
  const report = await measure({ rounds, seconds, scale }, async (options) => {
    const rows: Row[] = []
    for (const name of only) {
      options.say(name)
      try {
        rows.push(...((await SECTIONS[name]?.(options)) ?? []))
      } catch (error) {
        // A wrong ledger ends it all; whatever else fails doesn't take the other figures with it.
        if (error instanceof WrongLedgerError) throw error
        console.error(error)
        broken.push(`${name}: ${(error as Error).message}`)
      }
    }
    return rows
  })
  const code = publish(report, values)
  if (broken.length === 0) return code
  console.log(`not measured: ${broken.join('; ')}`)
  return EXIT.failure
}
