import { useState } from 'react'
import { clock } from '../i18n/format.ts'
import { ticks, useWidth } from './chart.tsx'

interface Point {
  /** Milliseconds UTC. */
  at: number
  /** null is a gap. */
  value: number | null
}

export interface Line {
  name: string
  points: readonly Point[]
  /** One of the five chart colours. */
  colour: 1 | 2 | 3 | 4 | 5
  dashed?: boolean
}

interface LinesProps {
  lines: readonly Line[]
  summary: string
  unit: (value: number) => string
  /** At the axis, where there is less room; as `unit` unless given. */
  axis?: (value: number) => string
  /** A line across, which must not be passed. */
  target?: { value: number; name: string }
  label?: (at: number) => string
  height?: number
}

const FOOT = 22
const TOP = 8
const AXIS = 64
/** About as wide as a character of a label. */
const GLYPH = 7
const STROKES = {
  1: 'stroke-chart-1',
  2: 'stroke-chart-2',
  3: 'stroke-chart-3',
  4: 'stroke-chart-4',
  5: 'stroke-chart-5',
}
const DOTS = { 1: 'bg-chart-1', 2: 'bg-chart-2', 3: 'bg-chart-3', 4: 'bg-chart-4', 5: 'bg-chart-5' }

/** Values over time; in right-to-left languages time runs to the left. */
export function Lines({
  lines,
  summary,
  unit,
  axis = unit,
  target,
  label = clock,
  height = 200,
}: LinesProps) {
  const { box, width } = useWidth()
  const [pointer, setPointer] = useState<number | null>(null)
  const rtl = document.documentElement.dir === 'rtl'
  const times = [...new Set(lines.flatMap(({ points }) => points.map(({ at }) => at)))].sort((a, b) => a - b)
  const values = lines.flatMap(({ points }) => points.flatMap(({ value }) => value ?? []))
  const steps = ticks(Math.max(...values, target?.value ?? 0))
  const most = steps.at(-1) ?? 1
  const [first = 0, last = 1] = [times[0], times.at(-1)]
  const y = (value: number) => TOP + (height - TOP - FOOT) * (1 - value / most)
  const x = (at: number) => {
    const along = AXIS + ((width - AXIS - 8) * (at - first)) / Math.max(1, last - first)
    return rtl ? width - along : along
  }
  const hasRoom = 3 * GLYPH * label(first).length < width - AXIS
  const near = pointer === null ? null : nearest(times, (at) => Math.abs(x(at) - pointer))
  return (
    <div className="grid gap-2">
      <div ref={box} style={{ height }}>
        {width > 0 && (
          <svg
            width={width}
            height={height}
            role="img"
            aria-label={summary}
            className="block overflow-visible"
            onPointerMove={(event) =>
              setPointer(event.clientX - event.currentTarget.getBoundingClientRect().left)
            }
            onPointerLeave={() => setPointer(null)}
          >
            <Grid steps={steps} width={width} rtl={rtl} y={y} unit={axis} />
            {target && (
              <line
                x1={0}
                x2={width}
                y1={y(target.value)}
                y2={y(target.value)}
                strokeDasharray="6 4"
                className="stroke-bad"
              />
            )}
            {lines.map(({ name, points, colour, dashed }) => (
              <path
                key={name}
                d={pathOf(points, x, y)}
                fill="none"
                strokeWidth={2}
                strokeLinejoin="round"
                strokeLinecap="round"
                strokeDasharray={dashed ? '3 3' : undefined}
                className={STROKES[colour]}
              />
            ))}
            {near !== null && (
              <line x1={x(near)} x2={x(near)} y1={TOP} y2={height - FOOT} className="stroke-line-strong" />
            )}
            {(hasRoom ? [0, 0.5, 1] : [0, 1]).map((part) => (
              <text
                key={part}
                x={x(first + part * (last - first))}
                y={height - 4}
                textAnchor={part === 0.5 ? 'middle' : part === 0 ? 'start' : 'end'}
                className="fill-soft text-xs"
              >
                {times.length > 0 ? label(first + part * (last - first)) : ''}
              </text>
            ))}
          </svg>
        )}
      </div>
      <Legend lines={lines} at={near} unit={unit} label={label} {...(target ? { target } : {})} />
    </div>
  )
}

interface GridProps {
  steps: readonly number[]
  width: number
  rtl: boolean
  y: (value: number) => number
  unit: (value: number) => string
}

const Grid = ({ steps, width, rtl, y, unit }: GridProps) =>
  steps.map((step) => (
    <g key={step}>
      <line
        x1={rtl ? 0 : AXIS}
        x2={rtl ? width - AXIS : width}
        y1={y(step)}
        y2={y(step)}
        className="stroke-line"
      />
      <text x={rtl ? width : 0} y={y(step) + 4} textAnchor="start" className="fill-soft text-xs">
        {unit(step)}
      </text>
    </g>
  ))

interface LegendProps extends Pick<LinesProps, 'lines' | 'unit' | 'target'> {
  at: number | null
  label: (at: number) => string
}

function Legend({ lines, at, unit, target, label }: LegendProps) {
  return (
    <ul className="flex min-h-6 flex-wrap gap-x-4 gap-y-1 text-sm text-soft">
      {lines.map(({ name, colour, points }) => {
        const value = points.find((point) => point.at === at)?.value
        return (
          <li key={name} className="inline-flex items-center gap-1.5">
            <span className={`h-0.5 w-4 ${DOTS[colour]}`} aria-hidden="true" />
            {name}
            {typeof value === 'number' && <span className="text-ink tabular-nums">{unit(value)}</span>}
          </li>
        )
      })}
      {target && (
        <li className="inline-flex items-center gap-1.5">
          <span className="w-4 border-t-2 border-dashed border-bad" aria-hidden="true" />
          {target.name}
        </li>
      )}
      {at !== null && <li className="ms-auto">{label(at)}</li>}
    </ul>
  )
}

function pathOf(points: readonly Point[], x: (at: number) => number, y: (value: number) => number) {
  let pen = 'M'
  let path = ''
  for (const { at, value } of points) {
    if (value === null) {
      pen = 'M'
      continue
    }
    // One between two gaps is seen by its round ends.
    path += `${pen}${x(at).toFixed(1)} ${y(value).toFixed(1)}${pen === 'M' ? 'h0' : ''}`
    pen = 'L'
  }
  return path
}

function nearest(times: readonly number[], distance: (at: number) => number): number | null {
  let best: number | null = null
  for (const at of times) if (best === null || distance(at) < distance(best)) best = at
  return best
}

interface SparklineProps {
  values: readonly (number | null)[]
  summary: string
  /** A line across, where the values come near it. */
  target?: number | null
}

const LEAST_OF_TARGET = 0.5

/** A line of the size of a word; `summary` says what it shows. */
export function Sparkline({ values, summary, target = null }: SparklineProps) {
  const highest = Math.max(1e-9, ...values.map((value) => value ?? 0))
  const isNear = target !== null && highest > target * LEAST_OF_TARGET
  const most = isNear ? Math.max(highest, target) : highest
  const points = values.map((value, index) => ({ at: index, value }))
  const step = 88 / Math.max(1, values.length - 1)
  const y = (value: number) => 21 - (18 * value) / most
  return (
    <svg
      width={96}
      height={24}
      role="img"
      aria-label={summary}
      className="inline-block align-middle rtl:-scale-x-100"
    >
      {isNear && (
        <line x1={0} x2={96} y1={y(target)} y2={y(target)} strokeDasharray="3 3" className="stroke-bad" />
      )}
      <path
        d={pathOf(points, (index) => 4 + index * step, y)}
        fill="none"
        strokeWidth={1.5}
        strokeLinecap="round"
        strokeLinejoin="round"
        className="stroke-chart-1"
      />
    </svg>
  )
}
