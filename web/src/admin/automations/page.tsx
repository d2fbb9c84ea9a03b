import { useTranslation } from 'react-i18next'
import type { Api } from '../../api/schema.ts'
import { money, num } from '../../i18n/format.ts'
import { useTitle } from '../../shell/title.ts'
import { Button, LinkButton } from '../../ui/button.tsx'
import { Card, PageHead } from '../../ui/card.tsx'
import { Empty } from '../../ui/states.tsx'
import type { Column } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import { useUrlState } from '../../ui/url-state.ts'
import type { Automation } from '../automation/automation.ts'
import { Choice, Filters, SearchFilter } from '../kit/filters.tsx'
import { Listing } from '../kit/listing.tsx'
import { usePages } from '../kit/pages.ts'
import { HealthBadge, SaleBadge, To } from '../kit/people.tsx'
import { useMay } from '../kit/role.ts'

type Query = NonNullable<Api['GET /api/admin/automations']['query']>

const NO_FILTER = { search: '', health: '', listed: '' }
const HEALTHS = ['healthy', 'degraded', 'unhealthy', 'unknown'] as const

export function Page() {
  const { t } = useTranslation('admin')
  const common = useTranslation().t
  useTitle(t('automations.title'))
  const may = useMay()
  const [filter, set] = useUrlState(NO_FILTER)
  const { search, health, listed } = filter
  const query: Query = {
    ...(search.trim() ? { search: search.trim() } : {}),
    ...(health ? { health_status: health as (typeof HEALTHS)[number] } : {}),
    ...(listed ? { is_listed: listed === 'yes' } : {}),
  }
  const isFiltered = Object.keys(query).length > 0
  const clear = () => set(NO_FILTER)
  const pages = usePages('GET /api/admin/automations', { query }, (page) => page.automations)
  const add = (
    <LinkButton to="/admin/automations/new" look="primary" icon="plus">
      {t('automations.new')}
    </LinkButton>
  )
  return (
    <>
      <PageHead title={t('automations.title')} text={t('automations.text')} actions={may.change && add} />
      <Card flush className="overflow-hidden">
        <Filters onClear={isFiltered ? clear : null}>
          <SearchFilter
            label={t('automations.search')}
            value={search}
            onChange={(next) => set({ search: next })}
          />
          <Choice
            label={t('automations.health')}
            value={health}
            values={HEALTHS}
            name={(value) => common(`health.${value}`)}
            onChange={(next) => set({ health: next })}
          />
          <Choice
            label={t('automations.listed')}
            value={listed}
            values={['yes', 'no'] as const}
            name={(value) => t(`automations.listed_${value}`)}
            onChange={(next) => set({ listed: next })}
          />
        </Filters>
        <Listing
          pages={pages}
          caption={t('automations.title')}
          columns={useColumns()}
          rowKey={({ id }) => id}
          empty={
            <Empty
              icon="bot"
              title={t('automations.none')}
              text={t(isFiltered ? 'automations.noneFiltered' : 'automations.noneText')}
              action={isFiltered ? <Button onClick={clear}>{t('list.clear')}</Button> : may.change && add}
            />
          }
        />
      </Card>
    </>
  )
}

function useColumns(): Column<Automation>[] {
  const { t } = useTranslation('admin')
  return [
    {
      key: 'name',
      head: t('automations.name'),
      cell: ({ id, name }) => <To to={`/admin/automations/${id}`}>{name}</To>,
    },
    {
      key: 'health',
      head: t('automations.health'),
      cell: ({ health_status }) => <HealthBadge health={health_status} />,
    },
    { key: 'listed', head: t('automations.listed'), cell: (row) => <SaleBadge automation={row} /> },
    {
      key: 'price',
      head: t('automations.price'),
      numeric: true,
      wide: true,
      cell: ({ price_per_token, currency }) => money(price_per_token, currency),
    },
    {
      key: 'demo',
      head: t('automations.demo'),
      numeric: true,
      wide: true,
      cell: ({ demo_tokens }) => num(demo_tokens),
    },
    {
      key: 'checked',
      head: t('automations.checked'),
      wide: true,
      cell: ({ last_health_at }) => (last_health_at ? <Time at={last_health_at} /> : t('never')),
    },
    {
      key: 'created',
      head: t('automations.created'),
      wide: true,
      cell: ({ created_at }) => <Time at={created_at} />,
    },
  ]
}
