import { useTranslation } from 'react-i18next'
import { num, short } from '../../i18n/format.ts'
import { ChartCard, type Curve } from './chart-card.tsx'
import { brief, type Figure, inUnit, type Report, shareOf, useNames, verdictOf } from './reading.ts'
import { Apart } from './verdict.tsx'

/** What is charted of the process: the first figure is the one that is written out. */
const PROCESS = [
  { title: 'charts.lag', figures: ['event_loop_lag_p99', 'event_loop_lag_max'], note: null },
  { title: 'charts.wait', figures: ['database_wait_p95', 'database_wait_max'], note: null },
  { title: 'charts.queue', figures: ['database_queue_max'], note: 'lines.database_queue_max' },
  { title: 'charts.shed', figures: ['requests_shed'], note: 'charts.shedText' },
] as const

/** Where time and memory go; what the server doesn't measure has no chart. */
export function Charts({ report }: { report: Report }) {
  const step = report.step_seconds
  return (
    <div className="grid gap-4 md:grid-cols-2 xl:grid-cols-3">
      <Requests report={report} />
      <Planned report={report} name="database_average" title="charts.database" />
      <Planned report={report} name="cache_hit_rate" title="charts.hits" />
      <Planned report={report} name="memory" title="charts.memory" />
      <Planned report={report} name="cpu" title="charts.cpu" />
      {PROCESS.map((chart) => (
        <OfProcess key={chart.title} process={report.process} step={step} {...chart} />
      ))}
    </div>
  )
}

function Requests({ report }: { report: Report }) {
  const { t } = useTranslation('performance')
  const { endpoints, step_seconds: step } = report
  const sums = new Map<string, number>()
  for (const { series } of endpoints) {
    for (const { at, count } of series) sums.set(at, (sums.get(at) ?? 0) + count)
  }
  // The last step is under way: of its time only so much has passed.
  const passed = (at: string) => Math.max(1, Math.min(step, (Date.parse(report.to) - Date.parse(at)) / 1_000))
  const series = [...sums].map(([at, count]) => ({ at, value: count / passed(at) }))
  const failed = endpoints.reduce((sum, { errors }) => sum + errors, 0)
  const perSecond = endpoints.reduce((sum, { per_second }) => sum + per_second, 0)
  const say = (value: number) =>
    t('charts.perSecond', { value: num(value, { maximumFractionDigits: value < 10 ? 1 : 0 }) })
  return (
    <ChartCard
      title={t('charts.requests')}
      value={perSecond}
      unit="count"
      say={say}
      axis={short}
      note={t('charts.errors', { count: failed, value: num(failed) })}
      curves={[{ name: t('charts.requests'), series }]}
      step={step}
    />
  )
}

interface PlannedProps {
  report: Report
  name: string
  title: 'charts.database' | 'charts.hits' | 'charts.memory' | 'charts.cpu'
}

function Planned({ report, name, title }: PlannedProps) {
  const { t } = useTranslation('performance')
  const figure = report.plan.find((one) => one.name === name)
  if (!figure) return null
  const { value, unit, target, bound, series } = figure
  const p95 = report.database.p95_ms
  const goal =
    target === null ? null : t(bound === 'above' ? 'above' : 'below', { value: inUnit(target, unit) })
  return (
    <ChartCard
      title={t(title)}
      value={value}
      unit={unit}
      note={name === 'database_average' && p95 !== null ? t('charts.p95', { value: brief(p95) }) : goal}
      verdict={verdictOf(figure.status, shareOf(figure))}
      curves={[{ name: t(name === 'database_average' ? 'charts.databaseLine' : 'lines.value'), series }]}
      target={target}
      step={report.step_seconds}
    />
  )
}

/** What is only counted when it happens is none where it was not, and not unknown. */
const counted = (figure: Figure): Figure =>
  figure.name === 'requests_shed'
    ? {
        ...figure,
        value: figure.value ?? 0,
        series: figure.series.map(({ at, value }) => ({ at, value: value ?? 0 })),
      }
    : figure

type Process = (typeof PROCESS)[number] & { process: readonly Figure[]; step: number }

function OfProcess({ process, step, title, figures, note }: Process) {
  const { t } = useTranslation('performance')
  const nameOf = useNames()
  const found = figures.flatMap((name) => process.find((one) => one.name === name) ?? []).map(counted)
  const [first, second] = found
  if (!first) return null
  const curves = found.map(({ name, series }): Curve => ({ name: nameOf('lines', name), series }))
  const most = second?.value ?? null
  return (
    <ChartCard
      title={t(title)}
      value={first.value}
      unit={first.unit}
      note={
        note ? (
          t(note)
        ) : (
          <Apart
            parts={[
              nameOf('lines', first.name),
              most !== null && t('charts.most', { value: inUnit(most, first.unit) }),
            ]}
          />
        )
      }
      curves={curves}
      step={step}
    />
  )
}
