import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Api } from '../../api/schema.ts'
import { num } from '../../i18n/format.ts'
import { useTitle } from '../../shell/title.ts'
import { LinkButton } from '../../ui/button.tsx'
import { Badge, Card, PageHead } from '../../ui/card.tsx'
import { SearchInput } from '../../ui/field.tsx'
import { Empty, Loaded, SkeletonRows } from '../../ui/states.tsx'
import { useUrlState } from '../../ui/url-state.ts'
import { useLabels } from '../labels.ts'
import { allMine } from '../lists.ts'
import { LOW_TOKENS, SETUP, STATUS } from '../meanings.ts'

type Mine = Api['GET /api/user/automations']['reply'][number]

const SEARCH_FROM = 6

/** What the customer has added. */
export function AutomationsPage() {
  const { t } = useTranslation('panel')
  useTitle(t('mine.title'))
  const [{ search }, set] = useUrlState({ search: '' })
  const mine = useQuery(allMine)
  const count = mine.data?.length ?? 0
  return (
    <>
      <PageHead
        title={t('mine.title')}
        text={t('mine.text')}
        actions={
          <LinkButton to="/marketplace" icon="plus">
            {t('start.add')}
          </LinkButton>
        }
      />
      {count >= SEARCH_FROM && (
        <div className="mb-5">
          <SearchInput label={t('mine.search')} value={search} onChange={(text) => set({ search: text })} />
        </div>
      )}
      <Loaded
        query={mine}
        skeleton={
          <Card>
            <SkeletonRows rows={4} className="h-20" />
          </Card>
        }
      >
        {(all) => <List all={all} search={search} />}
      </Loaded>
    </>
  )
}

function List({ all, search }: { all: readonly Mine[]; search: string }) {
  const { t } = useTranslation('panel')
  if (all.length === 0) {
    const action = (
      <LinkButton to="/marketplace" look="primary">
        {t('mine.go')}
      </LinkButton>
    )
    return (
      <Card>
        <Empty icon="bot" title={t('mine.none')} text={t('mine.noneText')} action={action} />
      </Card>
    )
  }
  const wanted = search.trim().toLowerCase()
  const found = all.filter(({ name }) => name.toLowerCase().includes(wanted))
  if (found.length === 0) return <Empty icon="search" title={t('market.none', { text: search })} />
  return (
    <ul className="grid gap-3">
      {found.map((one) => (
        <li key={one.id}>
          <Row one={one} />
        </li>
      ))}
    </ul>
  )
}

function Row({ one }: { one: Mine }) {
  const { t } = useTranslation('panel')
  const common = useTranslation().t
  const labels = useLabels()
  const { tokens_remaining: left, demo_tokens: demo } = one
  return (
    <Link
      to={`/marketplace/${one.automation_id}`}
      className="grid items-center gap-x-6 gap-y-3 rounded-xl border border-line bg-surface p-5 shadow-card transition-colors hover:border-accent sm:grid-cols-[minmax(0,1fr)_auto]"
    >
      <span className="min-w-0">
        <span className="font-semibold [overflow-wrap:anywhere]" dir="auto">
          {one.name}
        </span>
        <span className="line-clamp-1 text-soft" dir="auto">
          {one.description}
        </span>
        <span className="mt-2 flex flex-wrap gap-1.5">
          <Badge meaning={STATUS[one.status] ?? 'plain'}>{labels.status(one.status)}</Badge>
          <Badge meaning={SETUP[one.integration_status] ?? 'plain'}>
            {labels.setup(one.integration_status)}
          </Badge>
          {one.demo_expired && <Badge>{t('mine.demoGone')}</Badge>}
        </span>
      </span>
      <span className="sm:text-end">
        <span className={`text-2xl font-semibold tabular-nums ${left <= LOW_TOKENS ? 'text-warn' : ''}`}>
          {num(left)}
        </span>{' '}
        <span className="text-soft">{t('tokens')}</span>
        <span className="block min-h-6 text-sm text-soft">
          {demo > 0 && t('mine.demoLeft', { tokens: common('tokens', { count: demo }) })}
        </span>
      </span>
    </Link>
  )
}
