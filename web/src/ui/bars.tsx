import { useState } from 'react'
import { num, short } from '../i18n/format.ts'
import { ticks, useWidth } from './chart.tsx'

interface Bar {
  label: string
  /** The whole label, for the tooltip. */
  title: string
  value: number
}

const HEIGHT = 200
const FOOT = 24
const TOP = 18
/** What the scale needs at least, and for each character of its longest number: `۱۰ میلیون`. */
const AXIS = 44
const CHARACTER = 7
/** What a label below a bar needs. */
const LABEL = 46

/**
 * Bars in the direction in which one reads: in Persian time runs to the left. What a bar is worth is said on hover; a
 * screen reader is told `summary`, and the table behind the chart has everything.
 */
export function Bars({
  bars,
  summary,
  unit,
}: {
  bars: readonly Bar[]
  summary: string
  unit: (value: number) => string
}) {
  const { box, width } = useWidth()
  const [at, setAt] = useState<number | null>(null)
  const rtl = document.documentElement.dir === 'rtl'
  const steps = ticks(Math.max(...bars.map(({ value }) => value), 0))
  const most = steps.at(-1) ?? 1
  const scale = steps.map((step) => (Number.isInteger(step) ? short(step) : ''))
  const axis = Math.max(AXIS, ...scale.map((text) => text.length * CHARACTER))
  const inner = Math.max(0, width - axis)
  const slot = inner / Math.max(1, bars.length)
  const size = Math.min(44, slot * 0.62)
  const every = Math.max(1, Math.ceil(LABEL / slot))
  const y = (value: number) => TOP + (HEIGHT - TOP - FOOT) * (1 - value / most)
  const x = (index: number) => {
    const middle = axis + slot * (index + 0.5)
    return rtl ? width - middle : middle
  }
  const shown = at === null ? null : bars[at]
  return (
    <div ref={box} className="h-50">
      {width > 0 && (
        <svg width={width} height={HEIGHT} role="img" aria-label={summary} className="block overflow-visible">
          {steps.map((step, index) => (
            <g key={step}>
              <line
                x1={rtl ? 0 : axis}
                x2={rtl ? width - axis : width}
                y1={y(step)}
                y2={y(step)}
                className="stroke-line"
              />
              <text x={rtl ? width : 0} y={y(step) + 4} textAnchor="start" className="fill-soft text-xs">
                {scale[index]}
              </text>
            </g>
          ))}
          {bars.map((bar, index) => (
            <g key={bar.title} onPointerEnter={() => setAt(index)} onPointerLeave={() => setAt(null)}>
              <rect x={x(index) - slot / 2} y={TOP} width={slot} height={HEIGHT - TOP} fill="transparent" />
              <rect
                x={x(index) - size / 2}
                y={Math.min(y(bar.value), y(0) - 2)}
                width={size}
                height={Math.max(2, y(0) - y(bar.value))}
                rx={4}
                className={at === index ? 'fill-saffron' : bar.value === 0 ? 'fill-line' : 'fill-chart-1'}
              />
              {index % every === 0 && (
                <text x={x(index)} y={HEIGHT - 4} textAnchor="middle" className="fill-soft text-xs">
                  {bar.label}
                </text>
              )}
            </g>
          ))}
          {shown && at !== null && (
            <text
              x={Math.min(Math.max(x(at), 60), width - 60)}
              y={12}
              textAnchor="middle"
              className="fill-ink text-xs font-semibold"
            >
              {shown.title}: {unit(shown.value)}
            </text>
          )}
        </svg>
      )}
    </div>
  )
}

interface Share {
  key: string | number
  label: string
  value: number
}

const FILLS = ['bg-chart-1', 'bg-chart-2', 'bg-chart-3', 'bg-chart-4', 'bg-chart-5', 'bg-chart-6']

/** Parts of a whole as one bar, each named with its number below it. */
export function Shares({ shares, unit }: { shares: readonly Share[]; unit: (value: number) => string }) {
  const total = shares.reduce((sum, { value }) => sum + value, 0)
  return (
    <div className="grid gap-4">
      <div className="flex h-3 gap-0.5 overflow-hidden rounded-full bg-line" aria-hidden="true">
        {shares.map(({ key, value }, index) => (
          <div
            key={key}
            className={FILLS[index % FILLS.length]}
            style={{ width: `${total === 0 ? 0 : (100 * value) / total}%` }}
          />
        ))}
      </div>
      <ul className="grid gap-2">
        {shares.map(({ key, label, value }, index) => (
          <li key={key} className="flex items-center gap-2.5">
            <span
              className={`size-2.5 shrink-0 rounded-full ${FILLS[index % FILLS.length]}`}
              aria-hidden="true"
            />
            <span className="min-w-0 flex-1 truncate">
              <bdi>{label}</bdi>
            </span>
            <span className="tabular-nums">{unit(value)}</span>
            <span className="w-12 text-end text-sm text-soft tabular-nums">
              {num(total === 0 ? 0 : value / total, { style: 'percent' })}
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}
