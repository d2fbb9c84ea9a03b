import { Fragment } from 'react'
import { useTranslation } from 'react-i18next'
import { percent } from '../../i18n/format.ts'
import { Badge } from '../../ui/card.tsx'
import { Sparkline } from '../../ui/lines.tsx'
import { type Figure, inUnit, type Verdict } from './reading.ts'

const MEANING = { pass: 'good', near: 'warn', fail: 'bad', no_data: 'plain' } as const
const FILL = { pass: 'fill-good', near: 'fill-warn', fail: 'fill-bad', no_data: 'fill-line' } as const

/** Figures beside each other, each in its own run: in Persian they would flow into one another. */
export const Apart = ({ parts }: { parts: readonly (string | false | null)[] }) =>
  parts
    .filter((part) => part !== false && part !== null)
    .map((part, index) => (
      <Fragment key={part}>
        {index > 0 && ' · '}
        <span className="inline-block">{part}</span>
      </Fragment>
    ))

/** Met, close to the edge, or missed: in a colour, a sign and a word. */
export function VerdictBadge({ verdict }: { verdict: Verdict }) {
  const { t } = useTranslation('performance')
  return <Badge meaning={MEANING[verdict]}>{t(`status.${verdict}`)}</Badge>
}

const WIDTH = 112
/** The target stands here, so that twice as much still has its place. */
const AT = 76

/** How far a value is from its target, which is the mark across; what is beyond is cut off. */
export function Meter({ share, verdict }: { share: number | null; verdict: Verdict }) {
  const { t } = useTranslation('performance')
  if (share === null) return <span className="text-soft">–</span>
  const label = t('share', { percent: percent(share) })
  return (
    <svg
      width={WIDTH}
      height={14}
      role="img"
      aria-label={label}
      className="inline-block align-middle rtl:-scale-x-100"
    >
      <rect x={0} y={4} width={WIDTH} height={6} rx={3} className="fill-line" />
      <rect
        x={0}
        y={4}
        width={Math.min(WIDTH, Math.max(share > 0 ? 3 : 0, AT * share))}
        height={6}
        rx={3}
        className={FILL[verdict]}
      />
      <rect x={AT - 1} y={0} width={2} height={14} rx={1} className="fill-ink" />
    </svg>
  )
}

interface TrendProps {
  name: string
  values: readonly (number | null)[]
  unit: Figure['unit']
  target?: number | null
}

/** A sparkline that says its least, most and last to who can't see it. */
export function Trend({ name, values, unit, target = null }: TrendProps) {
  const { t } = useTranslation('performance')
  const known = values.filter((value) => value !== null)
  const say = (value: number | undefined) => inUnit(value ?? 0, unit)
  const summary =
    known.length === 0
      ? t('trendNone', { name })
      : t('trendOf', {
          name,
          least: say(Math.min(...known)),
          most: say(Math.max(...known)),
          last: say(known.at(-1)),
        })
  return <Sparkline values={values} summary={summary} target={target} />
}
