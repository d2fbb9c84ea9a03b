import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Api } from '../../api/schema.ts'
import { num } from '../../i18n/format.ts'
import { useTitle } from '../../shell/title.ts'
import { Button } from '../../ui/button.tsx'
import { Card, PageHead } from '../../ui/card.tsx'
import { Copy } from '../../ui/copy.tsx'
import { Empty } from '../../ui/states.tsx'
import type { Column } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import { useUrlState } from '../../ui/url-state.ts'
import { type Adjustable, AdjustDialog } from '../adjustments/adjust.tsx'
import { Choice, Filters } from '../kit/filters.tsx'
import { isId } from '../kit/ids.ts'
import { Listing } from '../kit/listing.tsx'
import { readAll, usePages } from '../kit/pages.ts'
import { StatusBadge, To, UserCell } from '../kit/people.tsx'
import { useMay } from '../kit/role.ts'
import { SetUp } from '../user/subscriptions.tsx'

type Query = NonNullable<Api['GET /api/admin/user-automations']['query']>
type Row = Api['GET /api/admin/user-automations']['reply']['user_automations'][number]

const NO_FILTER = { status: '', automation: '', user: '' }
const STATUSES = ['active', 'paused', 'cancelled'] as const

export function Page() {
  const { t } = useTranslation('admin')
  useTitle(t('subscriptions.title'))
  const [filter, set] = useUrlState(NO_FILTER)
  const { status, automation, user } = filter
  const [adjusting, setAdjusting] = useState<Adjustable | null>(null)
  const columns = useColumns(setAdjusting)
  const query: Query = {
    ...(STATUSES.some((one) => one === status) ? { status: status as (typeof STATUSES)[number] } : {}),
    ...(isId(automation) ? { automation_id: Number(automation) } : {}),
    ...(isId(user) ? { user_id: Number(user) } : {}),
  }
  const pages = usePages('GET /api/admin/user-automations', { query }, (page) => page.user_automations)
  const isFiltered = Object.keys(query).length > 0
  const clear = () => set(NO_FILTER)
  return (
    <>
      <PageHead title={t('subscriptions.title')} text={t('subscriptions.text')} />
      <Card flush className="overflow-hidden">
        <SubscriptionFilters filter={filter} onChange={set} onClear={isFiltered ? clear : null} />
        <Listing
          pages={pages}
          caption={t('subscriptions.title')}
          columns={columns}
          rowKey={({ id }) => id}
          empty={
            <Empty
              icon="list"
              title={t('subscriptions.none')}
              text={t(isFiltered ? 'subscriptions.noneFiltered' : 'subscriptions.noneText')}
              action={isFiltered && <Button onClick={clear}>{t('list.clear')}</Button>}
            />
          }
        />
      </Card>
      {adjusting && <AdjustDialog of={adjusting} onClose={() => setAdjusting(null)} />}
    </>
  )
}

interface FilterProps {
  filter: typeof NO_FILTER
  onChange: (changes: Partial<typeof NO_FILTER>) => void
  onClear: (() => void) | null
}

function SubscriptionFilters({ filter, onChange, onClear }: FilterProps) {
  const { t } = useTranslation('admin')
  const automations = useQuery(readAll('GET /api/admin/automations', {}, (page) => page.automations))
  const names = new Map(automations.data?.map(({ id, name }) => [String(id), name]))
  return (
    <Filters onClear={onClear}>
      <Choice
        label={t('subscriptions.status')}
        value={filter.status}
        values={STATUSES}
        name={(value) => t(`status.${value}`)}
        onChange={(status) => onChange({ status })}
      />
      <Choice
        label={t('subscriptions.automation')}
        value={filter.automation}
        values={[...names.keys()]}
        name={(id) => names.get(id) ?? id}
        onChange={(automation) => onChange({ automation })}
      />
      {isId(filter.user) && (
        <span className="text-sm text-soft">{t('subscriptions.ofUser', { id: filter.user })}</span>
      )}
    </Filters>
  )
}

function useColumns(onAdjust: (row: Adjustable) => void): Column<Row>[] {
  const { t } = useTranslation('admin')
  const may = useMay()
  const columns: Column<Row>[] = [
    {
      key: 'customer',
      head: t('subscriptions.customer'),
      cell: (row) => <UserCell id={row.user_id} name={row.user_name} email={row.user_email} />,
    },
    {
      key: 'automation',
      head: t('subscriptions.automation'),
      cell: (row) => <To to={`/admin/automations/${row.automation_id}`}>{row.automation_name}</To>,
    },
    { key: 'status', head: t('subscriptions.status'), cell: (row) => <StatusBadge status={row.status} /> },
    {
      key: 'setUp',
      head: t('subscriptions.setUp'),
      wide: true,
      cell: (row) => <SetUp status={row.integration_status} />,
    },
    {
      key: 'demo',
      head: t('subscriptions.demo'),
      numeric: true,
      wide: true,
      cell: (row) => num(row.demo_tokens),
    },
    {
      key: 'paid',
      head: t('subscriptions.paid'),
      numeric: true,
      wide: true,
      cell: (row) => num(row.paid_tokens),
    },
    { key: 'left', head: t('subscriptions.left'), numeric: true, cell: (row) => num(row.tokens_remaining) },
    { key: 'since', head: t('subscriptions.since'), wide: true, cell: (row) => <Time at={row.created_at} /> },
    {
      key: 'id',
      head: t('subscriptions.id'),
      numeric: true,
      wide: true,
      cell: ({ id }) => <Copy text={String(id)} label={t('subscriptions.id')} />,
    },
  ]
  if (!may.change) return columns
  const adjust: Column<Row> = {
    key: 'adjust',
    head: t('adjust.action'),
    headCell: <span className="sr-only">{t('adjust.action')}</span>,
    cell: (row) => (
      <Button
        size="sm"
        aria-label={t('adjust.of', { name: `${row.user_name}, ${row.automation_name}` })}
        onClick={() => onAdjust(row)}
      >
        {t('adjust.action')}
      </Button>
    ),
  }
  return [...columns, adjust]
}
