import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Api } from '../../api/schema.ts'
import { useSession } from '../../api/session.ts'
import { money } from '../../i18n/format.ts'
import { useTitle } from '../../shell/title.ts'
import { Button } from '../../ui/button.tsx'
import { Badge, PageHead } from '../../ui/card.tsx'
import { SearchInput, Select } from '../../ui/field.tsx'
import { Icon } from '../../ui/icons.tsx'
import { Empty, Loaded, Skeleton, settled } from '../../ui/states.tsx'
import { useUrlState } from '../../ui/url-state.ts'
import { useLabels } from '../labels.ts'
import { allMine, onSale } from '../lists.ts'
import { HEALTH } from '../meanings.ts'

type Automation = Api['GET /api/automations/marketplace']['reply'][number]

const SORTS = ['featured', 'cheap', 'demo', 'name'] as const
const ORDERS: Record<string, (a: Automation, b: Automation) => number> = {
  cheap: (a, b) => a.price_per_token - b.price_per_token,
  demo: (a, b) => b.demo_tokens - a.demo_tokens,
  name: (a, b) => a.name.localeCompare(b.name),
}

/** What is on sale, for everybody. */
export function MarketplacePage() {
  const { t } = useTranslation('panel')
  useTitle(t('market.title'))
  const [{ search, sort }, set] = useUrlState({ search: '', sort: 'featured' })
  const automations = useQuery(onSale)
  const known = useSession().state !== 'anonymous'
  const mine = useQuery({ ...allMine, enabled: known })
  const added = new Set(mine.data?.map(({ automation_id: id }) => id))
  return (
    <>
      <PageHead title={t('market.title')} text={t('market.text')} />
      <div className="mb-5 flex flex-wrap gap-3">
        <SearchInput label={t('market.search')} value={search} onChange={(text) => set({ search: text })} />
        <Select
          bare
          label={t('market.sort')}
          value={sort}
          onChange={(next) => set({ sort: next })}
          options={SORTS.map((value) => ({ value, label: t(`market.sorts.${value}`) }))}
          className="sm:w-auto"
        />
      </div>
      {settled(automations, mine) ? (
        <Loaded query={automations}>
          {(all) => (
            <Shelf
              automations={chosen(all, search, sort)}
              added={added}
              total={all.length}
              search={search}
              onClear={() => set({ search: '' })}
            />
          )}
        </Loaded>
      ) : (
        <Waiting />
      )}
    </>
  )
}

function chosen(all: readonly Automation[], search: string, sort: string) {
  const words = search.trim().toLowerCase().split(/\s+/)
  const found = all.filter(({ name, description }) => {
    const text = `${name} ${description}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
  const order = ORDERS[sort]
  return order ? found.sort(order) : found
}

const Waiting = () => (
  <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
    {[0, 1, 2, 3, 4, 5].map((index) => (
      <Skeleton key={index} className="h-54" />
    ))}
  </div>
)

interface ShelfProps {
  automations: readonly Automation[]
  added: ReadonlySet<number>
  total: number
  search: string
  onClear: () => void
}

function Shelf({ automations, added, total, search, onClear }: ShelfProps) {
  const { t } = useTranslation('panel')
  if (total === 0) return <Empty icon="shop" title={t('market.empty')} text={t('market.emptyText')} />
  if (automations.length === 0) {
    const action = <Button onClick={onClear}>{t('market.all')}</Button>
    return (
      <Empty
        icon="search"
        title={t('market.none', { text: search })}
        text={t('market.noneText')}
        action={action}
      />
    )
  }
  return (
    <>
      <p role="status" className="mb-3 text-sm text-soft">
        {t('market.found', { count: automations.length })}
      </p>
      <ul className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
        {automations.map((automation) => (
          <li key={automation.id} className="min-w-0">
            <Offer automation={automation} added={added.has(automation.id)} />
          </li>
        ))}
      </ul>
    </>
  )
}

function Offer({ automation, added }: { automation: Automation; added: boolean }) {
  const { t } = useTranslation('panel')
  const common = useTranslation().t
  const labels = useLabels()
  const { id, name, description, price_per_token, currency, demo_tokens, health_status, pricing_type } =
    automation
  return (
    <Link
      to={`/marketplace/${id}`}
      className="flex h-full flex-col rounded-xl border border-line bg-surface p-5 shadow-card transition-colors hover:border-accent"
    >
      <span className="flex items-start gap-3">
        <span className="inline-flex size-10 shrink-0 items-center justify-center rounded-lg bg-accent-soft text-accent-ink">
          <Icon name="bot" size={22} />
        </span>
        <span className="min-w-0 flex-1">
          <span className="line-clamp-2 font-semibold [overflow-wrap:anywhere]" dir="auto">
            {name}
          </span>
          <span className="mt-1 flex flex-wrap gap-1.5">
            <Badge meaning={HEALTH[health_status] ?? 'plain'}>{common(`health.${health_status}`)}</Badge>
            {added && <Badge meaning="info">{t('market.added')}</Badge>}
          </span>
        </span>
      </span>
      <span className="mt-3 line-clamp-3 min-h-[4.5em] flex-1 text-soft [overflow-wrap:anywhere]" dir="auto">
        {description}
      </span>
      <span className="mt-4 flex flex-wrap items-end justify-between gap-2 border-t border-line pt-3">
        <span>
          <span className="text-lg font-semibold tabular-nums">{money(price_per_token, currency)}</span>{' '}
          <span className="text-sm text-soft">{t('market.perToken')}</span>
          <span className="block text-sm text-soft">{labels.pricing(pricing_type)}</span>
        </span>
        <span className="text-sm font-medium text-good">
          {demo_tokens > 0
            ? t('market.demo', { tokens: common('tokens', { count: demo_tokens }) })
            : t('market.noDemo')}
        </span>
      </span>
    </Link>
  )
}
