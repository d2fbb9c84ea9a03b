import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { read } from '../../api/query.ts'
import { num } from '../../i18n/format.ts'
import { useTitle } from '../../shell/title.ts'
import { PageHead, Stat } from '../../ui/card.tsx'
import { Failure, Loaded, Skeleton, settled } from '../../ui/states.tsx'
import { ByAutomation } from '../usage/page.tsx'
import { Activity, LATEST } from './activity.tsx'
import { Attention, allListed } from './attention.tsx'
import { System } from './system.tsx'

const LIVE = { refetchInterval: 15_000 }

/** How the business stands, and what wants to be done about it. */
export function Page() {
  const { t } = useTranslation('admin')
  useTitle(t('title'))
  const usage = useQuery({ ...read('GET /api/admin/usage/stats'), ...LIVE })
  // What the cards below read as well: they stand at once, instead of falling into place.
  const stands = settled(
    usage,
    useQuery(allListed),
    useQuery(read('GET /api/admin/system/status')),
    useQuery(read('GET /api/admin/dashboard/activity', LATEST)),
  )
  if (!stands) {
    return (
      <>
        <PageHead title={t('title')} text={t('dashboard.text')} />
        <Skeleton className="h-[70dvh] rounded-xl" />
      </>
    )
  }
  return (
    <>
      <PageHead title={t('title')} text={t('dashboard.text')} />
      <Numbers />
      <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_26rem]">
        <div className="grid min-w-0 gap-5">
          <Attention />
          <Loaded query={usage} skeleton={<Skeleton className="h-80 rounded-xl" />}>
            {({ automations }) => <ByAutomation automations={automations} />}
          </Loaded>
          <System />
        </div>
        <Activity />
      </div>
    </>
  )
}

function Numbers() {
  const { t } = useTranslation('admin')
  const counts = useQuery({ ...read('GET /api/admin/dashboard'), ...LIVE })
  const stats = useQuery({ ...read('GET /api/admin/dashboard/stats'), ...LIVE })
  const usage = useQuery({ ...read('GET /api/admin/usage/stats'), ...LIVE })
  const failed = [counts, stats, usage].find(({ isError, data }) => isError && !data)
  if (failed) return <Failure error={failed.error} onRetry={() => void failed.refetch()} />
  const number = (value: number | undefined) =>
    value === undefined ? <Skeleton className="my-1 h-7 w-20" /> : num(value)
  const used = usage.data
  const tokens = (count: number) => t('tokens', { count })
  return (
    <div className="mb-5 grid grid-cols-2 gap-4 xl:grid-cols-4">
      <Stat icon="users" label={t('dashboard.users')} value={number(counts.data?.data.total_users)} />
      <Stat
        icon="bot"
        label={t('dashboard.automations')}
        value={number(counts.data?.data.total_automations)}
      />
      <Stat
        icon="coins"
        label={t('dashboard.today')}
        value={number(used?.today.tokens)}
        note={used && t('dashboard.week', { tokens: tokens(used.last_7_days.tokens) })}
      />
      <Stat
        icon="chart"
        label={t('dashboard.used')}
        value={number(stats.data?.tokens_used)}
        note={used && t('dashboard.uses', { count: used.today.events })}
      />
    </div>
  )
}
