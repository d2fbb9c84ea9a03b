import { number, type Plot } from './figures.ts'

const WIDTH = 640
const HEIGHT = 300
const LEFT = 62
const RIGHT = 14
const TOP = 12
const BOTTOM = 40
const TICKS = 5

interface Axis {
  /** Of the drawing. */
  at(value: number): number
  ticks: { value: number; text: string }[]
}

/** A share as the number of its nines: p50 is 0.3, p99 is 2. */
const nines = (share: number) => -Math.log10(Math.max(1 - share, 1e-9))
const PERCENTILES = [0.5, 0.9, 0.99, 0.999, 0.9999]
const isShown = ([share]: readonly [number, ...unknown[]]) => nines(share) > 0.29 && nines(share) < 4.01

/** A line chart. Percentiles stand evenly by their nines, over a logarithmic axis; all else from zero. */
export function chart(plot: Plot, escaped: (text: unknown) => string): string {
  const points = plot.lines.flatMap((line) => line.points).filter(([, y]) => Number.isFinite(y))
  if (points.length === 0) return ''
  const isPercentiles = plot.kind === 'percentiles'
  const shown = isPercentiles ? points.filter(isShown) : points
  const across = isPercentiles
    ? percentileAxis()
    : linearAxis(
        shown.map(([x]) => x),
        [LEFT, WIDTH - RIGHT],
      )
  const values = shown.map(([, y]) => y)
  const up = [HEIGHT - BOTTOM, TOP] as const
  const upward = isPercentiles ? logAxis(values, up) : linearAxis([0, ...values], up)
  const lines = plot.lines.map(({ points: all }, nth) => {
    const own = all.filter(([x, y]) => Number.isFinite(y) && (!isPercentiles || isShown([x])))
    const path = own.map(([x, y]) => `${across.at(x).toFixed(1)},${upward.at(y).toFixed(1)}`).join(' ')
    return `<polyline points="${path}" fill="none" stroke="var(--c${nth % 6})" stroke-width="2"/>`
  })
  const unit = isPercentiles ? '' : (plot.across ?? 's')
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(plot.title)}">
${grid(across, upward)}
${lines.join('\n')}
<text x="${WIDTH - RIGHT}" y="${HEIGHT - 4}" text-anchor="end">${escaped(unit)}</text>
</svg>`
}

function grid(across: Axis, upward: Axis) {
  const vertical = across.ticks.map(({ value, text }) => {
    const x = across.at(value).toFixed(1)
    const anchor = Number(x) > WIDTH - RIGHT - 20 ? 'end' : 'middle'
    return `<path d="M${x} ${TOP}V${HEIGHT - BOTTOM}" stroke="var(--line)"/><text x="${x}" y="${HEIGHT - BOTTOM + 16}" text-anchor="${anchor}">${text}</text>`
  })
  const horizontal = upward.ticks.map(({ value, text }) => {
    const y = upward.at(value).toFixed(1)
    return `<path d="M${LEFT} ${y}H${WIDTH - RIGHT}" stroke="var(--line)"/><text x="${LEFT - 6}" y="${Number(y) + 4}" text-anchor="end">${text}</text>`
  })
  return [...vertical, ...horizontal].join('\n')
}

function percentileAxis(): Axis {
  const [least, most] = [nines(0.5), 4]
  const at = (share: number) =>
    LEFT + ((Math.min(nines(share), most) - least) / (most - least)) * (WIDTH - LEFT - RIGHT)
  return { at, ticks: PERCENTILES.map((value) => ({ value, text: `p${Number((value * 100).toFixed(2))}` })) }
}

type Range = readonly [from: number, to: number]

function linearAxis(values: readonly number[], [from, to]: Range): Axis {
  const [least, most] = bounds(values)
  const step = niceStep((most - least) / TICKS)
  const first = Math.floor(least / step) * step
  const last = Math.max(first + step, Math.ceil(most / step) * step)
  const ticks: Axis['ticks'] = []
  for (let value = first; value <= last + step / 2; value += step) ticks.push({ value, text: number(value) })
  return { at: (value) => from + ((value - first) / (last - first)) * (to - from), ticks }
}

function logAxis(values: readonly number[], [from, to]: Range): Axis {
  const [least, most] = bounds(values.filter((value) => value > 0))
  const first = Math.floor(Math.log10(least))
  const last = Math.max(first + 1, Math.ceil(Math.log10(most)))
  const ticks = Array.from({ length: last - first + 1 }, (_, nth) => {
    const value = 10 ** (first + nth)
    return { value, text: String(Number(value.toPrecision(1))) }
  })
  const at = (value: number) =>
    from + ((Math.log10(Math.max(value, 10 ** first)) - first) / (last - first)) * (to - from)
  return { at, ticks }
}

/** Without spreading: there may be a hundred thousand. */
function bounds(values: readonly number[]): Range {
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  for (const value of values) {
    if (value < least) least = value
    if (value > most) most = value
  }
  return [least, most]
}

/** 1, 2 or 5 times a power of ten. */
function niceStep(rough: number) {
  const power = 10 ** Math.floor(Math.log10(Math.max(rough, 1e-9)))
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10)
}
