import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { read } from '../../api/query.ts'
import type { Api } from '../../api/schema.ts'
import { bytes } from '../../i18n/format.ts'
import { Card } from '../../ui/card.tsx'
import { Icon } from '../../ui/icons.tsx'
import { Loaded, SkeletonRows } from '../../ui/states.tsx'
import { readAll } from '../kit/pages.ts'
import { To } from '../kit/people.tsx'

type Status = Api['GET /api/admin/system/status']['reply']

interface Matter {
  key: string
  text: string
  note?: string
  to?: string
  isBad: boolean
}

/** Below this share of the disk writing may soon fail. */
const DISK_LEAST = 0.1

function useServerMatters(status: Status | undefined): Matter[] {
  const { t } = useTranslation('admin')
  if (!status) return []
  const { checks, jobs, disk, performance } = status
  const failed = (Object.keys(checks) as (keyof Status['checks'])[]).filter(
    (what) => checks[what] === 'failed',
  )
  const missed = performance?.missed_targets.length ?? 0
  return [
    ...failed.map((what) => ({
      key: what,
      text: t('dashboard.check', { what: t(`dashboard.checks.${what}`) }),
      isBad: true,
    })),
    ...(jobs?.failed
      ? [{ key: 'jobs', text: t('dashboard.jobsFailed', { count: jobs.failed }), isBad: true }]
      : []),
    ...(jobs?.is_overdue ? [{ key: 'overdue', text: t('dashboard.jobsOverdue'), isBad: true }] : []),
    ...(disk.total_bytes > 0 && disk.free_bytes / disk.total_bytes < DISK_LEAST
      ? [{ key: 'disk', text: t('dashboard.diskFull', { free: bytes(disk.free_bytes) }), isBad: true }]
      : []),
    ...(missed ? [{ key: 'targets', text: t('dashboard.targets', { count: missed }), isBad: false }] : []),
  ]
}

export const allListed = readAll(
  'GET /api/admin/automations',
  { is_listed: true },
  (page) => page.automations,
)

/** What somebody should look at: automations that can't be sold, and the server's own troubles. */
export function Attention() {
  const { t } = useTranslation('admin')
  const common = useTranslation().t
  const listed = useQuery({
    ...allListed,
    refetchInterval: 30_000,
  })
  const status = useQuery({ ...read('GET /api/admin/system/status'), refetchInterval: 30_000 })
  const server = useServerMatters(status.data)
  return (
    <Card title={t('dashboard.attention')}>
      <Loaded query={listed} skeleton={<SkeletonRows rows={2} />}>
        {(automations) => {
          const ill = automations.filter(({ is_on_sale }) => !is_on_sale)
          const matters: Matter[] = [
            ...server,
            ...ill.map(({ id, name, health_status }) => ({
              key: `automation ${id}`,
              text: t('dashboard.notHealthy', { name, health: common(`health.${health_status}`) }),
              note: t('dashboard.notHealthyText'),
              to: `/admin/automations/${id}`,
              isBad: health_status === 'unhealthy',
            })),
          ]
          return matters.length === 0 ? <Nothing /> : <Matters matters={matters} />
        }}
      </Loaded>
    </Card>
  )
}

function Nothing() {
  const { t } = useTranslation('admin')
  return (
    <p className="flex gap-3">
      <Icon name="check" className="mt-1 text-good" />
      <span>
        {t('dashboard.attentionNone')} <span className="text-soft">{t('dashboard.attentionNoneText')}</span>
      </span>
    </p>
  )
}

const Matters = ({ matters }: { matters: readonly Matter[] }) => (
  <ul className="grid gap-3">
    {matters.map(({ key, text, note, to, isBad }) => (
      <li key={key} className="flex gap-3">
        <Icon name={isBad ? 'close' : 'alert'} className={`mt-1 ${isBad ? 'text-bad' : 'text-warn'}`} />
        <span className="grid min-w-0">
          {to ? <To to={to}>{text}</To> : <span className="font-medium">{text}</span>}
          {note && <span className="text-sm text-soft">{note}</span>}
        </span>
      </li>
    ))}
  </ul>
)
