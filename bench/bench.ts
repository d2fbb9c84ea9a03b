import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { EXIT } from '../src/cli/exit.ts'
import { type Options, WrongLedgerError, withFolder } from './arena.ts'
import { asMarkdown, asTable, describe, isInMemory, machineOf, type Report, type Row } from './figures.ts'
import { batchRows } from './sections/batch.ts'
import { consumeRows, variantRows } from './sections/consume.ts'
import { postgresRows } from './sections/postgres.ts'
import { readRows } from './sections/reads.ts'
import { startRows } from './sections/start.ts'

const SECTIONS: Record<string, (options: Options) => Promise<Row[]>> = {
  consume: consumeRows,
  variants: variantRows,
  batch: batchRows,
  reads: readRows,
  postgres: postgresRows,
  start: startRows,
}

const HELP = `zimmer bench all [options]

Measures this machine's Zimmer beside what the machine reaches without it, in the same run. It starts servers of
its own on loopback, on data sets of its own; nothing of yours is touched. Exit code 1 when a goal is missed.

  --only NAME,…     only these: ${Object.keys(SECTIONS).join(', ')}
  --rounds N        rounds per figure, 1 to 50 (5)
  --seconds N       seconds per round, 0.2 to 60 (4)
  --json FILE       the report as JSON
  --markdown FILE   the table; between the two marks of a file that has them, as docs/performance.md
  --help            this
`

interface Flags {
  only: string[]
  rounds: number
  seconds: number
  json: string | undefined
  markdown: string | undefined
}

class UsageError extends Error {}

/** @returns null when only help was asked for. */
function readFlags(argv: string[]): Flags | null {
  const { values, positionals } = parse(argv)
  if (values.help) return null
  const [name, ...more] = positionals
  if (name !== 'all' || more.length > 0)
    throw new UsageError(`say what to measure: all (not "${positionals.join(' ')}")`)
  const only = values.only?.split(',').filter(Boolean) ?? Object.keys(SECTIONS)
  const unknown = only.filter((section) => !(section in SECTIONS))
  if (unknown.length > 0 || only.length === 0) {
    throw new UsageError(`--only knows ${Object.keys(SECTIONS).join(', ')}, not "${unknown.join(', ')}"`)
  }
  return {
    only,
    rounds: numberOf(values.rounds, '--rounds', { least: 1, most: 50, usual: 5, whole: true }),
    seconds: numberOf(values.seconds, '--seconds', { least: 0.2, most: 60, usual: 4, whole: false }),
    json: values.json,
    markdown: values.markdown,
  }
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        only: { type: 'string' },
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        json: { type: 'string' },
        markdown: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

interface Bounds {
  least: number
  most: number
  usual: number
  whole: boolean
}

function numberOf(text: string | undefined, name: string, { least, most, usual, whole }: Bounds) {
  if (text === undefined) return usual
  const value = Number(text)
  if (text.trim() && value >= least && value <= most && (!whole || Number.isInteger(value))) return value
  throw new UsageError(
    `${name} must be a ${whole ? 'whole ' : ''}number from ${least} to ${most}, not "${text}"`,
  )
}

async function measure({ only, rounds, seconds }: Flags): Promise<Report> {
  return withFolder(async (folder) => {
    const say = (text: string) => console.error(`… ${text}`)
    const machine = machineOf(folder)
    console.error(describe(machine))
    if (isInMemory(folder))
      console.error('Careful: the data lies in memory (tmpfs), so nothing is really synced')
    const report: Report = { machine, started_at: new Date().toISOString(), rows: [] }
    for (const name of only) {
      say(name)
      report.rows.push(...((await SECTIONS[name]?.({ rounds, seconds, folder, say })) ?? []))
    }
    return report
  })
}

const MARKS = /(<!-- figures -->\n)[\s\S]*(<!-- end of figures -->)/

function writeMarkdown(file: string, text: string) {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const after = MARKS.test(before)
    ? before.replace(MARKS, (_, begin, end) => `${begin}\n${text}\n${end}`)
    : text
  writeFileSync(file, after)
}

/** `zimmer bench …`; returns the exit code: 1 when a goal is missed or a ledger is wrong, 2 for wrong usage. */
export async function runBench(argv: string[]): Promise<number> {
  try {
    if (Bun.isStandaloneExecutable) throw new UsageError('bench runs in a checkout: npm ci && npm run bench')
    const flags = readFlags(argv)
    if (!flags) {
      console.log(HELP)
      return EXIT.well
    }
    const report = await measure(flags)
    console.log(`\n${asTable(report)}\n`)
    if (flags.json) writeFileSync(flags.json, `${JSON.stringify(report, null, 2)}\n`)
    if (flags.markdown) writeMarkdown(flags.markdown, asMarkdown(report))
    const missed = report.rows.filter(({ pass }) => pass === false).map(({ name }) => name)
    if (missed.length === 0) return EXIT.well
    console.log(`missed: ${missed.join(', ')}`)
    return EXIT.failure
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`zimmer: ${error.message}\n(zimmer bench --help tells more)`)
      return EXIT.usage
    }
    if (!(error instanceof WrongLedgerError)) throw error
    console.error(`THE LEDGER IS WRONG, no figure counts: ${error.message}`)
    return EXIT.failure
  }
}

if (import.meta.main) process.exit(await runBench(process.argv.slice(2)))
