import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { read } from '../../api/query.ts'
import type { Api } from '../../api/schema.ts'
import { num } from '../../i18n/format.ts'
import { useTitle } from '../../shell/title.ts'
import { Button } from '../../ui/button.tsx'
import { Card, PageHead, Stat } from '../../ui/card.tsx'
import { Empty, Loaded, Skeleton } from '../../ui/states.tsx'
import type { Column } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import { useUrlState } from '../../ui/url-state.ts'
import { DaysFilter, daysAsked, Filters, NO_DAYS } from '../kit/filters.tsx'
import { Listing } from '../kit/listing.tsx'
import { usePages } from '../kit/pages.ts'
import { To } from '../kit/people.tsx'
import { Delta } from './delta.tsx'

type Row = Api['GET /api/admin/tokens/history']['reply']['adjustments'][number]

export function Page() {
  const { t } = useTranslation('admin')
  useTitle(t('adjustments.title'))
  const [days, set] = useUrlState(NO_DAYS)
  const query = daysAsked(days)
  const isFiltered = Object.keys(query).length > 0
  const clear = () => set(NO_DAYS)
  const pages = usePages('GET /api/admin/tokens/history', { query }, ({ adjustments }) => adjustments)
  return (
    <>
      <PageHead title={t('adjustments.title')} text={t('adjustments.text')} />
      <Stats />
      <Card flush className="overflow-hidden">
        <Filters onClear={isFiltered ? clear : null}>
          <DaysFilter days={days} onChange={set} />
        </Filters>
        <Listing
          pages={pages}
          caption={t('adjustments.title')}
          columns={useColumns()}
          rowKey={({ id }) => id}
          empty={
            <Empty
              icon="coins"
              title={t('adjustments.none')}
              text={t(isFiltered ? 'adjustments.noneFiltered' : 'adjustments.noneText')}
              action={isFiltered && <Button onClick={clear}>{t('list.clear')}</Button>}
            />
          }
        />
      </Card>
    </>
  )
}

function Stats() {
  const { t } = useTranslation('admin')
  const stats = useQuery(read('GET /api/admin/tokens/stats'))
  const month = (count: number) => t('adjustments.month', { tokens: num(count) })
  const skeleton = (
    <div className="mb-5 grid gap-4 sm:grid-cols-3">
      {[1, 2, 3].map((one) => (
        <Skeleton key={one} className="h-32 rounded-xl" />
      ))}
    </div>
  )
  return (
    <Loaded query={stats} skeleton={skeleton}>
      {({ total_adjustments, tokens_added, tokens_removed, last_30_days }) => (
        <div className="mb-5 grid gap-4 sm:grid-cols-3">
          <Stat label={t('adjustments.total')} value={num(total_adjustments)} />
          <Stat
            label={t('adjustments.added')}
            value={num(tokens_added)}
            note={month(last_30_days.tokens_added)}
          />
          <Stat
            label={t('adjustments.removed')}
            value={num(tokens_removed)}
            note={month(last_30_days.tokens_removed)}
          />
        </div>
      )}
    </Loaded>
  )
}

/** In full on hover, where its column is too narrow; the page of the user has it in full, too. */
const Text = ({ text }: { text: string }) => (
  <span dir="auto" title={text}>
    {text}
  </span>
)

function useColumns(): Column<Row>[] {
  const { t } = useTranslation('admin')
  return [
    { key: 'at', head: t('usage.at'), cell: ({ created_at }) => <Time at={created_at} /> },
    {
      key: 'customer',
      head: t('subscriptions.customer'),
      cell: (row) => <To to={`/admin/users/${row.user_id}`}>{row.user_name}</To>,
    },
    { key: 'delta', head: t('adjust.delta'), numeric: true, cell: (row) => <Delta of={row.delta_tokens} /> },
    { key: 'reason', head: t('adjust.reason'), cell: (row) => <Text text={row.reason} /> },
    {
      key: 'note',
      head: t('adjust.note'),
      wide: true,
      cell: (row) => <Text text={row.note ?? ''} />,
    },
    {
      key: 'automation',
      head: t('subscriptions.automation'),
      wide: true,
      cell: (row) => <To to={`/admin/automations/${row.automation_id}`}>{row.automation_name}</To>,
    },
    {
      key: 'staff',
      head: t('adjust.by'),
      wide: true,
      cell: (row) =>
        row.staff_id ? <To to={`/admin/users/${row.staff_id}`}>{row.staff_name}</To> : t('commandLine'),
    },
    {
      key: 'after',
      head: t('adjust.after'),
      numeric: true,
      wide: true,
      cell: (row) => num(row.balance_after),
    },
  ]
}
