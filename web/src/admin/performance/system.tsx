import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Api } from '../../api/schema.ts'
import { bytes, num, percent } from '../../i18n/format.ts'
import { Badge, Card, type Meaning } from '../../ui/card.tsx'
import { Copy } from '../../ui/copy.tsx'
import { Time } from '../../ui/time.tsx'
import { Part } from './part.tsx'
import { brief } from './reading.ts'
import { Apart } from './verdict.tsx'

type Status = Api['GET /api/admin/system/status']['reply']
type Pairs = readonly (readonly [label: string, value: ReactNode] | false | null)[]

const MEANING: Record<Status['status'], Meaning> = { healthy: 'good', degraded: 'warn', unhealthy: 'bad' }
const CHECK: Record<Status['checks']['database'], Meaning> = {
  ok: 'good',
  failed: 'bad',
  'not used': 'plain',
}

/** The server that answers: what it is, what it stands on, what waits. */
export function System({ query }: { query: UseQueryResult<Status> }) {
  const { t } = useTranslation('performance')
  return (
    <Part title={t('system.title')} query={query}>
      {(status) => (
        <Card
          title={t('system.title')}
          text={t('system.text')}
          actions={
            <>
              {status.is_draining && <Badge meaning="warn">{t('system.draining')}</Badge>}
              <Badge meaning={MEANING[status.status]}>{t(`system.${status.status}`)}</Badge>
            </>
          }
        >
          <div className="grid gap-x-8 gap-y-6 text-sm sm:grid-cols-2 xl:grid-cols-4">
            <Server status={status} />
            <Database status={status} />
            <Machine status={status} />
            <Work status={status} />
          </div>
        </Card>
      )}
    </Part>
  )
}

function Group({ title, pairs, children }: { title: string; pairs: Pairs; children?: ReactNode }) {
  return (
    <section className="min-w-0">
      <h3 className="mb-2 font-semibold">{title}</h3>
      {children}
      <dl className="grid gap-1.5">
        {pairs.map(
          (pair) =>
            pair && (
              <div key={pair[0]} className="flex min-h-7 items-center justify-between gap-4">
                <dt className="text-soft">{pair[0]}</dt>
                <dd className="min-w-0 text-end tabular-nums">{pair[1]}</dd>
              </div>
            ),
        )}
      </dl>
    </section>
  )
}

function Server({ status }: { status: Status }) {
  const { t } = useTranslation('performance')
  const load = status.cpu.load_average.map((one) => num(one, { maximumFractionDigits: 2 })).join(' · ')
  return (
    <Group
      title={t('system.server')}
      pairs={[
        [t('system.version'), <code key="v">{status.version}</code>],
        [t('system.runtime'), <code key="r">Bun {status.bun_version}</code>],
        [t('system.node'), <Copy key="n" text={status.node} label={t('system.node')} />],
        [t('system.uptime'), <Time key="u" at={status.started_at} />],
        [t('system.processors'), num(status.cpu.processors)],
        [t('system.cpu'), percent(status.cpu.percent / 100, 1)],
        [t('system.load'), load],
      ]}
    />
  )
}

function Database({ status: { database, database_load: load } }: { status: Status }) {
  const { t } = useTranslation('performance')
  const ofMany = (used: number, most: number) => t('system.ofMany', { used, most })
  if (!database) {
    return (
      <Group title={t('system.database')} pairs={[]}>
        <Badge meaning="bad">{t('system.down')}</Badge>
      </Group>
    )
  }
  const { kind, version, connections } = database
  const name = kind === 'sqlite' ? 'SQLite' : 'PostgreSQL'
  return (
    <Group
      title={t('system.database')}
      pairs={[
        [t('system.version'), <code key="v">{version.includes(name) ? version : `${name} ${version}`}</code>],
        [t('system.size'), bytes(database.size_bytes)],
        database.wal_bytes !== null && [t('system.wal'), bytes(database.wal_bytes)],
        database.free_bytes !== null && [t('system.freePages'), bytes(database.free_bytes)],
        [t('system.answer'), brief(database.answer_ms)],
        [t('system.waiting'), num(load.waiting)],
        load.pool && [t('system.pool'), ofMany(load.pool.in_use, load.pool.max)],
        connections && [t('system.connections'), ofMany(connections.open, connections.server_max)],
        [t('system.migrations'), num(database.migrations.length)],
      ]}
    />
  )
}

function Machine({ status: { memory, disk } }: { status: Status }) {
  const { t } = useTranslation('performance')
  const free = disk.total_bytes === 0 ? 0 : disk.free_bytes / disk.total_bytes
  return (
    <Group
      title={t('system.memory')}
      pairs={[
        [t('system.resident'), bytes(memory.resident_bytes)],
        [t('system.heap'), bytes(memory.heap_bytes)],
        [t('system.external'), bytes(memory.external_bytes)],
        [t('system.machine'), bytes(memory.system_bytes)],
        [t('system.disk'), <Apart key="d" parts={[bytes(disk.free_bytes), percent(free)]} />],
      ]}
    />
  )
}

function Work({ status: { jobs, ledger, checks, performance } }: { status: Status }) {
  const { t } = useTranslation('performance')
  const check = (of: keyof Status['checks']) => (
    <Badge meaning={CHECK[checks[of]]}>{t(`system.checks.${checks[of]}`)}</Badge>
  )
  return (
    <Group
      title={t('system.work')}
      pairs={[
        [t('system.database'), check('database')],
        [t('system.queue'), check('queue')],
        [t('system.bus'), check('cache_bus')],
        jobs && [t('system.queued'), num(jobs.queued)],
        jobs && [t('system.running'), num(jobs.running)],
        jobs && [t('system.failed'), num(jobs.failed)],
        [t('system.ledger'), num(ledger.pending_operations)],
        performance?.recorded_since != null && [
          t('system.recorded'),
          <Time key="t" at={performance.recorded_since} />,
        ],
      ]}
    >
      {jobs?.is_overdue && (
        <p className="mb-2">
          <Badge meaning="warn">{t('system.overdue')}</Badge>
        </p>
      )}
    </Group>
  )
}
