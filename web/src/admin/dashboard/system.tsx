import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { read } from '../../api/query.ts'
import { bytes, duration, num, percent } from '../../i18n/format.ts'
import { Badge, Card } from '../../ui/card.tsx'
import { Loaded, Skeleton } from '../../ui/states.tsx'

const MEANINGS = { healthy: 'good', degraded: 'warn', unhealthy: 'bad' } as const

/** The server in a few figures; Performance has all of them. */
export function System() {
  const { t } = useTranslation('admin')
  const status = useQuery({ ...read('GET /api/admin/system/status'), refetchInterval: 30_000 })
  return (
    <Loaded query={status} skeleton={<Skeleton className="h-48 rounded-xl" />}>
      {({ status: state, version, uptime_s, memory, cpu, disk, jobs }) => (
        <Card
          title={t('dashboard.system')}
          actions={<Badge meaning={MEANINGS[state]}>{t(`dashboard.status.${state}`)}</Badge>}
        >
          <dl className="grid grid-cols-2 gap-x-6 gap-y-4 sm:grid-cols-3">
            <Figure label={t('dashboard.version')} value={<code>{version}</code>} />
            <Figure label={t('dashboard.uptime')} value={duration(uptime_s * 1_000)} />
            <Figure label={t('dashboard.memory')} value={bytes(memory.resident_bytes)} />
            <Figure label={t('dashboard.cpu')} value={percent(cpu.percent / 100)} />
            <Figure label={t('dashboard.disk')} value={bytes(disk.free_bytes)} />
            <Figure label={t('dashboard.waiting')} value={num(jobs?.queued ?? 0)} />
          </dl>
        </Card>
      )}
    </Loaded>
  )
}

const Figure = ({ label, value }: { label: string; value: React.ReactNode }) => (
  <div>
    <dt className="text-sm text-soft">{label}</dt>
    <dd className="font-semibold tabular-nums">{value}</dd>
  </div>
)
