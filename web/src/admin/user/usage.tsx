import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { download } from '../../api/client.ts'
import { read } from '../../api/query.ts'
import { num, utcDay } from '../../i18n/format.ts'
import { Bars } from '../../ui/bars.tsx'
import { Card } from '../../ui/card.tsx'
import { ChartBox } from '../../ui/chart.tsx'
import { Copy } from '../../ui/copy.tsx'
import { Empty, Loaded, Skeleton } from '../../ui/states.tsx'
import type { Column } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import { CsvButton } from '../kit/download.tsx'
import { Listing } from '../kit/listing.tsx'
import { usePages } from '../kit/pages.ts'
import type { User } from './user.ts'

const DAY_MS = 86_400_000
const dayText = (at: number) => new Date(at).toISOString().slice(0, 10)

export const useWeek = (id: number) =>
  useQuery(read('GET /api/admin/usage/{user_id}', { path: { user_id: id }, query: { limit: 1 } }))

export const useEvents = (id: number) =>
  usePages(
    'GET /api/admin/usage/{user_id}',
    { path: { user_id: id } },
    ({ recent_usage }) => recent_usage,
    50,
  )

/** The last week as a chart, all consumes one by one, and 90 days as a file. */
export function Usage({ user }: { user: User }) {
  const { t } = useTranslation('admin')
  const week = useWeek(user.id)
  const tokens = (count: number) => t('tokens', { count })
  const csv = () =>
    download('GET /api/admin/usage/export', {
      query: { user_id: user.id, from: dayText(Date.now() - 89 * DAY_MS), to: dayText(Date.now()) },
    })
  const { tokens: used, events } = user.usage.last_30_days
  return (
    <>
      <Loaded query={week} skeleton={<Skeleton className="h-72 rounded-xl" />}>
        {({ last_7_days }) => (
          <ChartBox
            title={t('user.week')}
            text={t('user.month', { count: events, tokens: tokens(used) })}
            caption={t('user.week')}
            rows={last_7_days}
            rowKey={({ day }) => day}
            columns={[
              { key: 'day', head: t('usage.day'), cell: ({ day }) => utcDay(day, true) },
              { key: 'tokens', head: t('users.tokens'), numeric: true, cell: (row) => num(row.tokens) },
              { key: 'sessions', head: t('usage.uses'), numeric: true, cell: (row) => num(row.sessions) },
            ]}
          >
            <Bars
              summary={t('user.week')}
              unit={tokens}
              bars={last_7_days.map(({ day, tokens: value }) => ({
                label: utcDay(day),
                title: utcDay(day, true),
                value,
              }))}
            />
          </ChartBox>
        )}
      </Loaded>
      <Card title={t('user.usage')} flush actions={<CsvButton fetch={csv} label={t('user.csv')} />}>
        <Events userId={user.id} />
      </Card>
    </>
  )
}

function Events({ userId }: { userId: number }) {
  const { t } = useTranslation('admin')
  const pages = useEvents(userId)
  type Row = NonNullable<typeof pages.rows>[number]
  const columns: Column<Row>[] = [
    { key: 'at', head: t('usage.at'), cell: ({ created_at }) => <Time at={created_at} /> },
    { key: 'what', head: t('usage.what'), cell: ({ description }) => <span dir="auto">{description}</span> },
    {
      key: 'id',
      head: t('usage.id'),
      wide: true,
      numeric: true,
      cell: ({ id }) => <Copy text={String(id)} label={t('usage.id')} />,
    },
    { key: 'tokens', head: t('users.tokens'), numeric: true, cell: (row) => num(row.tokens_used) },
  ]
  return (
    <Listing
      pages={pages}
      caption={t('user.usage')}
      columns={columns}
      rowKey={({ id }) => id}
      skeletonRows={6}
      empty={<Empty icon="chart" title={t('user.noUsage')} text={t('user.noUsageText')} />}
    />
  )
}
