import { CommandError, EXIT } from '../src/cli/exit.ts'
import { WrongLedgerError } from './arena.ts'
import { ablateCommand } from './commands/ablate.ts'
import { allCommand } from './commands/all.ts'
import { compareCommand } from './commands/compare.ts'
import { datasetCommand } from './commands/dataset.ts'
import { latencyCommand } from './commands/latency.ts'
import { loadCommand } from './commands/load.ts'
import { soakCommand, stressCommand } from './commands/stress.ts'
import { UsageError } from './flags.ts'

/** Each returns its exit code, or its help when that was asked for. */
const COMMANDS: Record<string, (args: string[]) => Promise<number | string>> = {
  all: allCommand,
  latency: latencyCommand,
  load: loadCommand,
  stress: stressCommand,
  soak: soakCommand,
  ablate: ablateCommand,
  dataset: datasetCommand,
  compare: compareCommand,
}

const HELP = `zimmer bench COMMAND [options]

  all       every figure beside its limit and its goal (npm run bench)
  latency   requests at a fixed rate: percentiles up to p99.99
  load      as many requests as are answered
  stress    the rate at which it bends, and three times that
  soak      a steady load for long: memory, files, write-ahead log
  ablate    what each part of the performance plan is worth
  dataset   makes a database of 10 thousand, 100 thousand or a million users
  compare   what changed between two runs

zimmer bench COMMAND --help tells the options of one. The load always comes from another process, and only to this
machine unless told twice. It starts servers of its own, on data of its own: nothing of yours is written to.
`

/** `zimmer bench …`; returns the exit code: 1 when a goal is missed or a ledger is wrong, 2 for wrong usage. */
export async function runBench(argv: string[]): Promise<number> {
  try {
    const [name, ...args] = argv
    if (name === '--help' || name === '-h' || name === 'help') {
      console.log(HELP)
      return EXIT.well
    }
    const command = name === undefined ? undefined : COMMANDS[name]
    if (!command) {
      throw new UsageError(
        `say what to measure: ${Object.keys(COMMANDS).join(', ')}, not "${argv.join(' ')}"`,
      )
    }
    const result = await command(args)
    if (typeof result === 'number') return result
    console.log(result)
    return EXIT.well
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`zimmer: ${error.message}\n(zimmer bench --help tells more)`)
      return EXIT.usage
    }
    if (error instanceof CommandError) {
      console.error(`zimmer: ${error.message}`)
      return error.exitCode
    }
    if (!(error instanceof WrongLedgerError)) throw error
    console.error(`THE LEDGER IS WRONG, no figure counts: ${error.message}`)
    return EXIT.failure
  }
}

if (import.meta.main) process.exit(await runBench(process.argv.slice(2)))
