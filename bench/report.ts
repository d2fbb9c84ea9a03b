import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { EXIT } from '../src/cli/exit.ts'
import { type Options, withFolder } from './arena.ts'
import {
  asMarkdown,
  asTable,
  describe,
  isInMemory,
  machineOf,
  type Plot,
  type Report,
  type Row,
} from './figures.ts'
import { asHtml } from './html.ts'

export interface Outputs {
  json?: string
  html?: string
  markdown?: string
}

/** Measures in a folder that is gone afterwards; says on stderr on what machine. */
export async function measure(
  settings: Pick<Options, 'rounds' | 'seconds' | 'scale'>,
  work: (options: Options) => Promise<Row[]>,
): Promise<Report> {
  return withFolder(async (folder) => {
    const machine = machineOf(folder)
    console.error(describe(machine))
    if (isInMemory(folder)) {
      console.error('Careful: the data lies in memory (tmpfs), so nothing is really synced')
    }
    const started_at = new Date().toISOString()
    const plots: Plot[] = []
    const say = (text: string) => console.error(`… ${text}`)
    const rows = await work({ ...settings, folder, say, plot: (plot) => void plots.push(plot) })
    return { machine, started_at, rows, plots }
  })
}

/** Prints the table, writes the files, and returns the exit code: 1 when a goal was missed. */
export function publish(report: Report, { json, html, markdown }: Outputs): number {
  console.log(`\n${asTable(report)}\n`)
  if (json) writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`)
  if (html) writeFileSync(html, asHtml(report))
  if (markdown) writeMarkdown(markdown, asMarkdown(report))
  const missed = report.rows.filter(({ pass }) => pass === false).map(({ name }) => name)
  if (missed.length === 0) return EXIT.well
  console.log(`missed: ${missed.join(', ')}`)
  return EXIT.failure
}

const MARKS = /(<!-- figures -->\n)[\s\S]*(<!-- end of figures -->)/

function writeMarkdown(file: string, text: string) {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const after = MARKS.test(before)
    ? before.replace(MARKS, (_, begin, end) => `${begin}\n${text}\n${end}`)
    : text
  writeFileSync(file, after)
}
