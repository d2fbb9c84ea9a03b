import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { read } from '../../api/query.ts'
import type { Api } from '../../api/schema.ts'
import { duration, num } from '../../i18n/format.ts'
import { useTitle } from '../../shell/title.ts'
import { Card, Note, PageHead, Stat } from '../../ui/card.tsx'
import { Loaded, Skeleton, SkeletonRows } from '../../ui/states.tsx'
import { LOW_TOKENS } from '../meanings.ts'
import { Charts } from './charts.tsx'
import { FirstSteps } from './first-steps.tsx'
import { Recent } from './recent.tsx'

type Dashboard = Api['GET /api/user/dashboard']['reply']

const LOOK_AGAIN_MS = 15_000
const DAY_MS = 86_400_000

/** A customer's first page: what is left, how fast it goes, and what to do next. */
export function DashboardPage() {
  const { t } = useTranslation('panel')
  useTitle(t('dashboard.title'))
  const dashboard = useQuery({ ...read('GET /api/user/dashboard'), refetchInterval: LOOK_AGAIN_MS })
  const days = useQuery({
    ...read('GET /api/user/usage', { query: { range: '7d' } }),
    refetchInterval: LOOK_AGAIN_MS,
  })
  const week = (days.data ?? []) as { tokens: number; sessions: number }[]
  const known = dashboard.data
  const isNew = known && (known.automations.length === 0 || week.length === 0)
  const name = known?.user.name
  return (
    <>
      <PageHead
        title={name ? t('dashboard.hello', { name }) : <Skeleton className="h-8 w-64" />}
        text={t('dashboard.text')}
      />
      <Loaded query={dashboard} skeleton={<Waiting />}>
        {(data) => (
          <div className="grid gap-6">
            <Warnings dashboard={data} />
            <Figures dashboard={data} week={week} loading={days.data === undefined} />
            {isNew ||
            data.automations.every(({ integration_status: state }) => state === 'not_configured') ? (
              <FirstSteps dashboard={data} used={week.some(({ tokens }) => tokens > 0)} />
            ) : null}
            {data.automations.length > 0 && <Charts />}
            <Recent />
          </div>
        )}
      </Loaded>
    </>
  )
}

const Waiting = () => (
  <div className="grid gap-6">
    <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
      {[0, 1, 2, 3].map((index) => (
        <Skeleton key={index} className="h-34" />
      ))}
    </div>
    <div className="grid gap-6 lg:grid-cols-2">
      <Skeleton className="h-71" />
      <Skeleton className="h-71" />
    </div>
    <Card>
      <SkeletonRows />
    </Card>
  </div>
)

function Warnings({ dashboard: { automations } }: { dashboard: Dashboard }) {
  const { t } = useTranslation('panel')
  const common = useTranslation().t
  const low = automations.filter(
    ({ status, tokens_remaining: left }) => status === 'active' && left <= LOW_TOKENS,
  )
  if (low.length === 0) return null
  return (
    <Note meaning="warn">
      <ul>
        {low.map(({ id, automation_id, name, tokens_remaining }) => (
          <li key={id}>
            <Link to={`/marketplace/${automation_id}`} className="font-medium underline underline-offset-4">
              <bdi>{t('dashboard.low', { name, tokens: common('tokens', { count: tokens_remaining }) })}</bdi>
            </Link>
          </li>
        ))}
      </ul>
      <p>{t('dashboard.lowText')}</p>
    </Note>
  )
}

interface FiguresProps {
  dashboard: Dashboard
  week: readonly { tokens: number; sessions: number }[]
  loading: boolean
}

function Figures({ dashboard, week, loading }: FiguresProps) {
  const { t } = useTranslation('panel')
  const used = week.reduce((sum, { tokens }) => sum + tokens, 0)
  const today = week.at(-1)
  const { total_demo_tokens: demo, total_paid_tokens: paid, automations } = dashboard
  const left = demo + paid
  const active = automations.filter(({ status }) => status === 'active').length
  const lasts = used > 0 ? Math.floor((left * 7) / used) : null
  const waiting = <Skeleton className="my-2 h-7 w-20" />
  return (
    <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
      <Stat
        icon="coins"
        label={t('dashboard.left')}
        value={num(left)}
        note={t('dashboard.leftNote', { paid: num(paid), demo: num(demo) })}
      />
      <Stat
        icon="bot"
        label={t('dashboard.today')}
        value={loading ? waiting : num(today?.tokens ?? 0)}
        note={loading ? null : t('uses', { count: today?.sessions ?? 0 })}
      />
      <Stat
        icon="chart"
        label={t('dashboard.week')}
        value={loading ? waiting : num(used)}
        note={
          loading
            ? null
            : lasts !== null && lasts < 365
              ? t('dashboard.enough', { days: duration(Math.max(1, lasts) * DAY_MS) })
              : t('dashboard.weekNote', { perDay: num(used / 7, { maximumFractionDigits: 1 }) })
        }
      />
      <Stat
        icon="plug"
        label={t('dashboard.active')}
        value={num(active)}
        note={t('dashboard.activeNote', { all: num(automations.length) })}
      />
    </div>
  )
}
