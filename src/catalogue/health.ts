import type { Db, Tx } from '../storage/storage.ts'
import type { HealthStatus } from '../storage/tables.ts'

const WELL = ['ok', 'healthy', 'up']
const MOST_CHECKED = 1_000
const MAX_TEXT = 100

/** What a GET of the health check URL gave: an answer, or why there is none. */
export type Probe = { status: number; body: string } | { failure: string }

export interface HealthDetails {
  /** For staff: why it is not healthy, or that it is. */
  message: string
  http_status: number | null
  /** The service's own word for how it is. */
  service_status: string | null
  version: string | null
  /** As the service gives it; in seconds, if it keeps to the contract. */
  uptime: string | null
}

export interface Health {
  status: Exclude<HealthStatus, 'unknown'>
  details: HealthDetails
}

/**
 * HTTP 200 with JSON that has `status`, `version` and `uptime` is healthy when the status is ok, healthy or up, else
 * degraded; anything else is unhealthy.
 */
export function judge(probe: Probe): Health {
  if ('failure' in probe) return unhealthy(probe.failure, null)
  if (probe.status !== 200) return unhealthy(`Answered HTTP ${probe.status}, not 200`, probe.status)
  const report = parseObject(probe.body)
  if (!report) return unhealthy('The answer is no JSON object', 200)
  const [status, version, uptime] = [text(report.status), text(report.version), text(report.uptime)]
  const missing = Object.entries({ status, version, uptime }).filter(([, value]) => value === null)
  const seen = { http_status: 200, service_status: status, version, uptime }
  if (status === null || missing.length > 0) {
    const message = `The answer lacks ${missing.map(([name]) => name).join(', ')}`
    return { status: 'unhealthy', details: { ...seen, message } }
  }
  const isWell = WELL.includes(status.toLowerCase())
  const message = isWell ? 'All is well' : `The service says that it is "${status}"`
  return { status: isWell ? 'healthy' : 'degraded', details: { ...seen, message } }
}

function unhealthy(message: string, httpStatus: number | null): Health {
  const nothing = { service_status: null, version: null, uptime: null }
  return { status: 'unhealthy', details: { message, http_status: httpStatus, ...nothing } }
}

function parseObject(body: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null
  } catch {
    return null
  }
}

/** A short text of a string or number; PostgreSQL takes no NUL. */
function text(value: unknown) {
  if (typeof value !== 'string' && typeof value !== 'number') return null
  return String(value).replaceAll('\0', '').slice(0, MAX_TEXT)
}

export interface Checked {
  id: number
  /** The URL that was asked. */
  url: string
}

/** The automations that say how they are, longest unseen first. */
export async function automationsToCheck(db: Db): Promise<Checked[]> {
  const rows = await db
    .selectFrom('automations')
    .select(['id', 'health_check_url as url'])
    .where('health_check_url', 'is not', null)
    .orderBy(({ fn, val }) => fn.coalesce('last_health_at', val(0)))
    .orderBy('id')
    .limit(MOST_CHECKED)
    .execute()
  return rows.flatMap(({ id, url }) => (url === null ? [] : [{ id, url }]))
}

/** Keeps what a check saw; undefined, and nothing kept, when the URL is another by now. */
export async function recordHealth(tx: Tx, { id, url }: Checked, { status, details }: Health) {
  const row = await tx
    .updateTable('automations')
    .set({ health_status: status, health_details: JSON.stringify(details), last_health_at: tx.now })
    .where('id', '=', id)
    .where('health_check_url', '=', url)
    .returning(['id', 'health_status', 'is_listed'])
    .executeTakeFirst()
  if (row) tx.touch('automations', `automation:${id}`)
  return row
}
