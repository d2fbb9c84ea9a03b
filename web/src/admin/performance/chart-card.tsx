import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { clock, dayClock } from '../../i18n/format.ts'
import { ChartBox } from '../../ui/chart.tsx'
import { type Line, Lines } from '../../ui/lines.tsx'
import { type Figure, inUnit, type Verdict } from './reading.ts'
import { VerdictBadge } from './verdict.tsx'

export interface Curve {
  name: string
  series: readonly { at: string; value: number | null }[]
}

interface ChartCardProps {
  title: string
  value: number | null
  unit: Figure['unit']
  /** Beside the value: its target, or other figures of it. */
  note?: ReactNode
  verdict?: Verdict
  curves: readonly Curve[]
  target?: number | null
  /** Seconds between two points. */
  step: number
  say?: (value: number) => string
  /** At the axis, where there is less room. */
  axis?: (value: number) => string
}

const HEIGHT = 132
/** A target far above everything measured would only press the line flat: it is in the note then. */
const SHOW_TARGET_FROM = 0.3
/** Up to steps of an hour a day's times tell them apart. */
const HOUR_SECONDS = 3_600

/** One measure over time: its figure for the range, its line, and the same as a table. */
export function ChartCard(props: ChartCardProps) {
  const { t } = useTranslation('performance')
  const { title, value, unit, note, verdict, curves, target = null, step } = props
  const say = props.say ?? ((of: number) => inUnit(of, unit))
  const label = step > HOUR_SECONDS ? dayClock : clock
  const values = curves.flatMap(({ series }) => series.flatMap((point) => point.value ?? []))
  const isNear = target !== null && Math.max(0, ...values) >= target * SHOW_TARGET_FROM
  const lines = curves.map(
    ({ name, series }, index): Line => ({
      name,
      points: series.map((point) => ({ at: Date.parse(point.at), value: point.value })),
      colour: index === 0 ? 1 : 2,
      dashed: index > 0,
    }),
  )
  const rows = (curves[0]?.series ?? []).map(({ at }, index) => ({
    at,
    values: curves.map(({ series }) => series[index]?.value ?? null),
  }))
  const summary =
    values.length === 0
      ? t('trendNone', { name: title })
      : t('trendOf', {
          name: title,
          least: say(Math.min(...values)),
          most: say(Math.max(...values)),
          last: say(values.at(-1) ?? 0),
        })
  return (
    <ChartBox
      title={title}
      text={
        <>
          <span className="me-2 text-xl font-semibold text-ink tabular-nums [unicode-bidi:isolate]">
            {value === null ? '–' : say(value)}
          </span>
          <span className="tabular-nums [unicode-bidi:isolate]">{note}</span>
        </>
      }
      caption={t('charts.caption', { name: title })}
      actions={verdict && <VerdictBadge verdict={verdict} />}
      columns={[
        { key: 'at', head: t('time'), cell: ({ at }) => label(at) },
        ...curves.map(({ name }, index) => ({
          key: name,
          head: name,
          numeric: true,
          cell: ({ values: of }: (typeof rows)[number]) => {
            const one = of[index]
            return one === null || one === undefined ? '–' : say(one)
          },
        })),
      ]}
      rows={rows}
      rowKey={({ at }) => at}
    >
      <Lines
        lines={lines}
        summary={summary}
        unit={say}
        axis={props.axis ?? say}
        label={label}
        height={HEIGHT}
        {...(isNear ? { target: { value: target, name: t('charts.targetLine') } } : {})}
      />
    </ChartBox>
  )
}
