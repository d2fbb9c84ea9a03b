import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { read } from '../../api/query.ts'
import { byMonth, monthsBefore } from '../../i18n/calendar.ts'
import { num, utcDay, utcMonth } from '../../i18n/format.ts'
import { Bars, Shares } from '../../ui/bars.tsx'
import { ChartBox } from '../../ui/chart.tsx'
import { Loaded, Skeleton } from '../../ui/states.tsx'

type Day = { day: string; tokens: number; sessions: number }

const LOOK_AGAIN_MS = 15_000
const MONTHS = 6

/** Seven days, six months, and which automation took what. */
export function Charts() {
  return (
    <div className="grid gap-6 lg:grid-cols-2">
      <Week />
      <Months />
      <Distribution />
    </div>
  )
}

const Waiting = () => <Skeleton className="h-71.5" />

function Week() {
  const { t } = useTranslation('panel')
  const common = useTranslation().t
  const query = useQuery({
    ...read('GET /api/user/usage', { query: { range: '7d' } }),
    refetchInterval: LOOK_AGAIN_MS,
  })
  return (
    <Loaded query={query} skeleton={<Waiting />}>
      {(data) => {
        const days = data as Day[]
        const total = num(days.reduce((sum, { tokens }) => sum + tokens, 0))
        return (
          <ChartBox
            title={t('dashboard.days7')}
            caption={t('dashboard.days7')}
            rows={days}
            rowKey={({ day }) => day}
            columns={[
              { key: 'day', head: t('day'), cell: ({ day }) => utcDay(day, true) },
              { key: 'uses', head: t('usesHead'), numeric: true, cell: ({ sessions }) => num(sessions) },
              { key: 'tokens', head: t('tokens'), numeric: true, cell: ({ tokens }) => num(tokens) },
            ]}
          >
            <Bars
              summary={t('dashboard.summary7', { total })}
              unit={(value) => common('tokens', { count: value })}
              bars={days.map(({ day, tokens }) => ({
                label: utcDay(day),
                title: utcDay(day, true),
                value: tokens,
              }))}
            />
          </ChartBox>
        )
      }}
    </Loaded>
  )
}

/** Day by day, as the months of a Jalali calendar are not those of the server. */
export function useMonths() {
  const to = new Date().toISOString().slice(0, 10)
  const from = monthsBefore(to, MONTHS - 1)
  return useQuery(read('GET /api/user/usage/days', { query: { from, to } }))
}

function Months() {
  const { t } = useTranslation('panel')
  const common = useTranslation().t
  const query = useMonths()
  return (
    <Loaded query={query} skeleton={<Waiting />}>
      {({ days }) => {
        const months = byMonth(days)
        const total = num(months.reduce((sum, { tokens }) => sum + tokens, 0))
        return (
          <ChartBox
            title={t('dashboard.months6')}
            caption={t('dashboard.months6')}
            rows={months}
            rowKey={({ day }) => day}
            columns={[
              { key: 'month', head: t('month'), cell: ({ day }) => utcMonth(day, true) },
              { key: 'uses', head: t('usesHead'), numeric: true, cell: ({ sessions }) => num(sessions) },
              { key: 'tokens', head: t('tokens'), numeric: true, cell: ({ tokens }) => num(tokens) },
            ]}
          >
            <Bars
              summary={t('dashboard.summary6', { total })}
              unit={(value) => common('tokens', { count: value })}
              bars={months.map(({ day, tokens }) => ({
                label: utcMonth(day),
                title: utcMonth(day, true),
                value: tokens,
              }))}
            />
          </ChartBox>
        )
      }}
    </Loaded>
  )
}

function Distribution() {
  const { t } = useTranslation('panel')
  const common = useTranslation().t
  const query = useQuery(read('GET /api/user/usage/distribution'))
  return (
    <div className="lg:col-span-2">
      <Loaded query={query} skeleton={<Skeleton className="h-60" />}>
        {(shares) => (
          <ChartBox
            title={t('dashboard.shares')}
            text={t('dashboard.sharesText')}
            caption={t('dashboard.shares')}
            rows={shares}
            rowKey={({ user_automation_id: id }) => id}
            columns={[
              { key: 'name', head: t('automation'), cell: ({ automation_name: name }) => <bdi>{name}</bdi> },
              { key: 'used', head: t('used'), numeric: true, cell: ({ tokens_used: used }) => num(used) },
              {
                key: 'left',
                head: t('left'),
                numeric: true,
                cell: ({ tokens_remaining: left }) => num(left),
              },
            ]}
          >
            <Shares
              unit={(value) => common('tokens', { count: value })}
              shares={shares.map(({ user_automation_id, automation_name, tokens_used }) => ({
                key: user_automation_id,
                label: automation_name,
                value: tokens_used,
              }))}
            />
          </ChartBox>
        )}
      </Loaded>
    </div>
  )
}
