import { readFileSync, writeFileSync } from 'node:fs'
import { CommandError, EXIT } from '../../src/cli/exit.ts'
import { table } from '../../src/cli/table.ts'
import { describe, number, type Report } from '../figures.ts'
import { parse, UsageError } from '../flags.ts'
import { asComparison, changes } from '../html.ts'

export const COMPARE_HELP = `zimmer bench compare BEFORE.json AFTER.json [options]

What changed between two runs, figure by figure. A change within the spread of the two is marked as noise.

  --html FILE       a report with both, in one file
  --help            this

Example: zimmer bench compare monday.json tuesday.json --html compared.html
`

export async function compareCommand(args: string[]): Promise<number | string> {
  const { values, positionals } = parse(
    args,
    { html: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const,
    { positionals: 2 },
  )
  if (values.help) return COMPARE_HELP
  const [first, second] = positionals
  if (!first || !second) throw new UsageError('name two reports: BEFORE.json AFTER.json')
  const before = read(first)
  const after = read(second)
  const rows = changes(before, after).map(({ name, unit, from, to, change, isNoise }) => [
    name,
    from === null ? '' : number(from),
    to === null ? '' : number(to),
    unit,
    change === null ? '' : `${change > 0 ? '+' : ''}${(change * 100).toFixed(0)} %`,
    isNoise ? 'noise' : '',
  ])
  console.log(table(['', 'before', 'after', 'unit', 'change', ''], rows))
  console.log(`\nbefore: ${before.started_at}, ${describe(before.machine)}`)
  console.log(`after:  ${after.started_at}, ${describe(after.machine)}`)
  if (values.html) writeFileSync(values.html, asComparison(before, after))
  return EXIT.well
}

function read(file: string): Report {
  let report: Partial<Report>
  try {
    report = JSON.parse(readFileSync(file, 'utf8')) as Partial<Report>
  } catch (error) {
    throw new CommandError(`${file} can't be read: ${(error as Error).message}`)
  }
  if (Array.isArray(report?.rows) && report.machine && report.started_at) return report as Report
  throw new CommandError(`${file} is no report of the bench: --json of its other commands writes one`)
}
