import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { read } from '../../api/query.ts'
import type { Api } from '../../api/schema.ts'
import { duration, num } from '../../i18n/format.ts'
import { useTitle } from '../../shell/title.ts'
import { Card, Note, PageHead, Stat } from '../../ui/card.tsx'
import { Loaded, Skeleton, SkeletonRows, settled } from '../../ui/states.tsx'
import { LOW_TOKENS } from '../meanings.ts'
import { Charts, useMonths } from './charts.tsx'
import { FirstSteps } from './first-steps.tsx'
import { Recent } from './recent.tsx'

type Day = { day: string; tokens: number; sessions: number }
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
  const shares = useQuery({ ...read('GET /api/user/usage/distribution'), refetchInterval: LOOK_AGAIN_MS })
  const rest = [useMonths(), useQuery(read('GET /api/user/usage'))]
  const used = shares.data?.some(({ tokens_used }) => tokens_used > 0) ?? false
  const week = (days.data ?? []) as Day[]
  const name = dashboard.data?.user.name
  return (
    <>
      <PageHead
        title={name ? t('dashboard.hello', { name }) : <Skeleton className="h-8 w-64" />}
        text={t('dashboard.text')}
      />
      {settled(dashboard, days, shares, ...rest) ? (
        <Loaded query={dashboard}>{(data) => <Sections dashboard={data} week={week} used={used} />}</Loaded>
      ) : (
        <Waiting />
      )}
    </>
  )
}

function Sections({ dashboard, week, used }: FiguresProps & { used: boolean }) {
  return (
    <div className="grid gap-6">
      <Warnings dashboard={dashboard} />
      <Figures dashboard={dashboard} week={week} />
      <FirstSteps dashboard={dashboard} used={used} />
      {dashboard.automations.length > 0 && <Charts />}
      <Recent />
    </div>
  )
}

const Waiting = () => (
  <div className="grid gap-6">
    <div className="grid grid-cols-2 gap-3 sm:gap-4 lg:grid-cols-4">
      {[0, 1, 2, 3].map((index) => (
        <Skeleton key={index} className="h-34" />
      ))}
    </div>
    <div className="grid gap-6 lg:grid-cols-2">
      <Skeleton className="h-71.5" />
      <Skeleton className="h-71.5" />
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
              {t('dashboard.low', { name, tokens: common('tokens', { count: tokens_remaining }) })}
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
  week: readonly Day[]
}

function Figures({ dashboard, week }: FiguresProps) {
  const { t } = useTranslation('panel')
  const used = week.reduce((sum, { tokens }) => sum + tokens, 0)
  const today = week.at(-1)
  const { total_demo_tokens: demo, total_paid_tokens: paid, automations } = dashboard
  const left = demo + paid
  const active = automations.filter(({ status }) => status === 'active').length
  const lasts = used > 0 ? Math.floor((left * 7) / used) : null
  return (
    <div className="grid grid-cols-2 gap-3 sm:gap-4 lg:grid-cols-4">
      <Stat
        icon="coins"
        label={t('dashboard.left')}
        value={num(left)}
        note={t('dashboard.leftNote', { paid: num(paid), demo: num(demo) })}
      />
      <Stat
        icon="bot"
        label={t('dashboard.today')}
        value={num(today?.tokens ?? 0)}
        note={t('uses', { count: today?.sessions ?? 0 })}
      />
      <Stat
        icon="chart"
        label={t('dashboard.week')}
        value={num(used)}
        note={
          lasts !== null && lasts < 365
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
