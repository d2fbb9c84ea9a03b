import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { read } from '../../api/query.ts'
import type { Api } from '../../api/schema.ts'
import { num } from '../../i18n/format.ts'
import { useTitle } from '../../shell/title.ts'
import { Shares } from '../../ui/bars.tsx'
import { Card, PageHead, Stat } from '../../ui/card.tsx'
import { ChartBox } from '../../ui/chart.tsx'
import { Empty, Loaded, Skeleton } from '../../ui/states.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import { To } from '../kit/people.tsx'
import { Export } from './export.tsx'

type Stats = Api['GET /api/admin/usage/stats']['reply']

export function Page() {
  const { t } = useTranslation('admin')
  useTitle(t('usage.title'))
  const stats = useQuery({ ...read('GET /api/admin/usage/stats'), refetchInterval: 15_000 })
  return (
    <>
      <PageHead title={t('usage.title')} text={t('usage.text')} />
      <Loaded query={stats} skeleton={<UsageSkeleton />}>
        {(data) => (
          <div className="grid gap-5">
            <div className="grid gap-4 sm:grid-cols-3">
              {(['today', 'last_7_days', 'last_30_days'] as const).map((span) => (
                <Stat
                  key={span}
                  label={t(`usage.${SPANS[span]}`)}
                  value={num(data[span].tokens)}
                  note={t('usage.events', { count: data[span].events })}
                />
              ))}
            </div>
            <div className="grid items-start gap-5 xl:grid-cols-2">
              <ByAutomation automations={data.automations} />
              <Latest recent={data.recent} />
            </div>
            <Export />
          </div>
        )}
      </Loaded>
    </>
  )
}

const SPANS = { today: 'today', last_7_days: 'week', last_30_days: 'month' } as const

export function ByAutomation({ automations }: Pick<Stats, 'automations'>) {
  const { t } = useTranslation('admin')
  const used = automations.filter(({ last_30_days }) => last_30_days.tokens > 0)
  const numbers = (span: keyof typeof SPANS): Column<Stats['automations'][number]> => ({
    key: span,
    head: t(`usage.${SPANS[span]}`),
    numeric: true,
    cell: (row) => num(row[span].tokens),
  })
  return (
    <ChartBox
      title={t('usage.byAutomation')}
      caption={t('usage.byAutomation')}
      rows={automations}
      rowKey={({ automation_id }) => automation_id}
      columns={[
        {
          key: 'name',
          head: t('subscriptions.automation'),
          cell: (row) => <To to={`/admin/automations/${row.automation_id}`}>{row.automation_name}</To>,
        },
        numbers('today'),
        numbers('last_7_days'),
        numbers('last_30_days'),
      ]}
    >
      {used.length === 0 ? (
        <Empty icon="chart" title={t('usage.none')} text={t('usage.noneText')} />
      ) : (
        <Shares
          unit={num}
          shares={used.map(({ automation_id, automation_name, last_30_days }) => ({
            key: automation_id,
            label: automation_name,
            value: last_30_days.tokens,
          }))}
        />
      )}
    </ChartBox>
  )
}

function Latest({ recent }: Pick<Stats, 'recent'>) {
  const { t } = useTranslation('admin')
  const columns: Column<Stats['recent'][number]>[] = [
    { key: 'at', head: t('usage.at'), cell: ({ created_at }) => <Time at={created_at} /> },
    {
      key: 'user',
      head: t('usage.customer'),
      cell: ({ user_id }) => <To to={`/admin/users/${user_id}`}>{t('usage.user', { id: user_id })}</To>,
    },
    { key: 'what', head: t('usage.what'), cell: ({ description }) => <span dir="auto">{description}</span> },
    { key: 'tokens', head: t('users.tokens'), numeric: true, cell: (row) => num(row.tokens_used) },
  ]
  return (
    <Card title={t('usage.latest')} flush>
      {recent.length === 0 ? (
        <Empty icon="chart" title={t('usage.none')} text={t('usage.noneText')} />
      ) : (
        <Table caption={t('usage.latest')} columns={columns} rows={recent} rowKey={({ id }) => id} />
      )}
    </Card>
  )
}

const UsageSkeleton = () => (
  <div className="grid gap-5">
    <div className="grid gap-4 sm:grid-cols-3">
      {[1, 2, 3].map((one) => (
        <Skeleton key={one} className="h-32 rounded-xl" />
      ))}
    </div>
    <div className="grid gap-5 xl:grid-cols-2">
      <Skeleton className="h-96 rounded-xl" />
      <Skeleton className="h-96 rounded-xl" />
    </div>
  </div>
)
