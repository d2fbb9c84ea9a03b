import type { App } from '../app.ts'
import { CommandError, EXIT } from '../cli/exit.ts'
import { requireDatabase, withApp } from '../cli/open.ts'
import { type Cell, table } from '../cli/table.ts'
import { readConfig } from '../config.ts'
import type { Status } from './plan.ts'
import { DEFAULT_RANGE, type Range, rangeNames } from './ranges.ts'
import { performanceReport, type Report } from './report.ts'
import { type Access, askServer } from './targets-remote.commands.ts'

export interface TargetsFlags extends Access {
  url?: string
  range?: string
  node?: string
  json?: boolean
}

/** Shows what was measured against the targets. @returns 1 when one is missed. */
export async function targetsCommand(flags: TargetsFlags): Promise<number> {
  const { url, node, json = false } = flags
  const range = rangeOf(flags.range ?? DEFAULT_RANGE)
  const report =
    url === undefined ? await readHere(flags, range) : await askServer(url, flags, { range, node })
  console.log(json ? JSON.stringify(report) : textOf(report, url === undefined))
  return report.status === 'fail' ? EXIT.failure : EXIT.well
}

function rangeOf(text: string): Range {
  const range = rangeNames.find((name) => name === text)
  if (range) return range
  throw new CommandError(`--range must be one of ${rangeNames.join(', ')}, not "${text}"`, EXIT.usage)
}

/** From the database alone: a server that runs has its present minute in memory. */
async function readHere({ node, token, tokenStdin, email }: TargetsFlags, range: Range): Promise<Report> {
  if (token || tokenStdin || email) {
    throw new CommandError('a sign-in is for a running server: add --url', EXIT.usage)
  }
  const config = readConfig()
  await requireDatabase(config)
  return withApp(config, ({ db, clock }: App) =>
    performanceReport(db, { range, node, now: clock(), live: [] }),
  )
}

const SIGNS: Record<Status, string> = { pass: '✓ pass', fail: '✗ FAIL', no_data: '– no data' }

const AGO: Record<Range, string> = {
  '5m': '5 minutes',
  '15m': '15 minutes',
  '1h': 'hour',
  '6h': '6 hours',
  '24h': '24 hours',
  '7d': '7 days',
  '30d': '30 days',
}

function textOf(report: Report, fromDatabase: boolean): string {
  const { range, to, node, nodes, endpoints, caches, misses } = report
  const where = node ? ` on ${node}` : nodes.length > 1 ? ` on ${nodes.length} nodes` : ''
  const sections = [
    `The last ${AGO[range]} until ${time(to)}${where}`,
    section('The plan', planTable(report)),
  ]
  if (endpoints.length > 0) sections.push(section('Endpoints', endpointTable(report)))
  if (caches.length > 0) sections.push(section('Caches', cacheTable(report)))
  if (misses.length > 0) sections.push(section('Missed for five minutes in a row', missTable(report)))
  if (endpoints.length === 0) {
    const hint = fromDatabase ? ' A running server writes down each minute when it is over.' : ''
    sections.push(`Nobody asked for anything in this time.${hint}`)
  }
  return [...sections, conclusion(report)].join('\n\n')
}

const section = (title: string, body: string) => `${title}\n${body}`

const planTable = ({ plan }: Report) =>
  table(
    ['', 'target', 'at most or least', 'measured', 'by'],
    plan.map(({ status, name, bound, target, unit, value, endpoint }) => [
      SIGNS[status],
      name.replaceAll('_', ' '),
      `${bound === 'above' ? '>' : '<'} ${target} ${unit}`,
      value === null ? '' : `${shortened(value)} ${unit}`,
      endpoint,
    ]),
  )

const endpointTable = ({ endpoints }: Report) =>
  table(
    ['', 'endpoint', 'target ms', 'p50', 'p95', 'p99', 'max', 'within', 'requests', 'per s', 'errors'],
    endpoints.map((one): Cell[] => [
      SIGNS[one.status],
      `${one.method} ${one.path}`,
      one.target_ms,
      shortened(one.p50_ms),
      shortened(one.p95_ms),
      shortened(one.p99_ms),
      shortened(one.max_ms),
      `${shortened(one.within_target_percent)} %`,
      one.count,
      shortened(one.per_second),
      one.errors,
    ]),
  )

const cacheTable = ({ caches }: Report) =>
  table(
    ['', 'cache', 'hits', 'look-ups', 'hit rate'],
    caches.map((one): Cell[] => [
      SIGNS[one.status],
      one.name,
      one.hits,
      one.lookups,
      one.hit_rate_percent === null ? '' : `${shortened(one.hit_rate_percent)} %`,
    ]),
  )

const missTable = ({ misses }: Report) =>
  table(
    ['target', 'goal', 'worst', 'since', 'until'],
    misses.map((one) => [
      one.target.replaceAll('_', ' '),
      `${one.goal} ${one.unit}`,
      `${one.worst} ${one.unit}`,
      time(one.since),
      one.until === null ? 'now' : time(one.until),
    ]),
  )

function conclusion({ plan, endpoints, status }: Report) {
  if (status === 'no_data') return 'Nothing was measured: there is no verdict.'
  if (status === 'pass') return 'Every target that something was measured for is met.'
  const missed = (of: readonly { status: Status }[]) => of.filter((one) => one.status === 'fail').length
  return `Missed: ${missed(plan)} of the plan's ${plan.length} targets, and those of ${missed(endpoints)} of ${endpoints.length} endpoints.`
}

/** 2026-11-24 02:05:00 UTC */
const time = (isoText: string) => `${isoText.slice(0, 19).replace('T', ' ')} UTC`

/** Three digits that mean something. */
const shortened = (value: number) => (value >= 100 ? Math.round(value) : Number(value.toPrecision(3)))
