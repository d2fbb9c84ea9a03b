import { useTranslation } from 'react-i18next'
import type { Api } from '../../api/schema.ts'
import { bytes, duration, num, percent } from '../../i18n/format.ts'

export type Report = Api['GET /api/admin/performance']['reply']
export type Range = Report['range']
export type Figure = Report['plan'][number]
export type Endpoint = Report['endpoints'][number]
export type Statement = Api['GET /api/admin/performance/slow-queries']['reply']['statements'][number]
export type Finding = Api['GET /api/admin/performance/findings']['reply']['findings'][number]
export type Outcome = Api['POST /api/admin/performance/findings/{id}/apply']['reply']
export type Status = Figure['status']
/** `near`: met, with little left. */
export type Verdict = Status | 'near'

export const RANGES: readonly Range[] = ['5m', '15m', '1h', '6h', '24h', '7d', '30d']
/** How often a live page asks: new figures come with each minute, the present one grows until then. */
export const EVERY_MS: Record<Range, number> = {
  '5m': 5_000,
  '15m': 5_000,
  '1h': 10_000,
  '6h': 30_000,
  '24h': 60_000,
  '7d': 60_000,
  '30d': 60_000,
}
/** Met, but beyond this share of the way to the target. */
const NEAR = 0.8

/** Milliseconds with the sign of their unit, which is the same in every language and short enough for a table. */
export function brief(ms: number): string {
  if (ms >= 600_000) return duration(ms)
  const [value, unit] = ms < 1_000 ? [ms, 'ms'] : [ms / 1_000, 's']
  return `${num(value, { maximumFractionDigits: value < 1 ? 2 : value < 10 ? 1 : 0 })} ${unit}`
}

/** A value in its unit, as the language in use writes it. */
export function inUnit(value: number, unit: Figure['unit']): string {
  if (unit === 'ms') return brief(value)
  if (unit === '%') return percent(value / 100, 1)
  if (unit === 'MB') return bytes(value * 1e6)
  return num(value)
}

/** How much of what the target allows is used: 1 is on the target. */
export function shareOf({ value, target, bound }: Pick<Figure, 'value' | 'target' | 'bound'>): number | null {
  if (value === null || target === null) return null
  if (bound === 'above') return target >= 100 ? null : (100 - value) / (100 - target)
  return target === 0 ? null : value / target
}

export function verdictOf(status: Status, share: number | null): Verdict {
  return status === 'pass' && share !== null && share >= NEAR ? 'near' : status
}

/** An endpoint by its p95, which it is judged by. */
export const endpointVerdict = ({ status, p95_ms, target_ms }: Endpoint) =>
  verdictOf(status, target_ms === null ? null : p95_ms / target_ms)

/** The words for a name of the server; a name that this page doesn't know yet as it is. */
export function useNames() {
  const { t, i18n } = useTranslation('performance')
  return (group: 'plan' | 'cache' | 'lines' | 'findings.kinds', name: string): string => {
    const key = `${group}.${name}`
    return i18n.exists(key, { ns: 'performance' }) ? t(key as 'plan.cpu') : name.replaceAll('_', ' ')
  }
}
