import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { read } from '../../api/query.ts'
import { num, utcDay } from '../../i18n/format.ts'
import { Bars } from '../../ui/bars.tsx'
import { ChartBox } from '../../ui/chart.tsx'
import { Loaded, Skeleton } from '../../ui/states.tsx'

const LOOK_AGAIN_MS = 15_000

/** Thirty days of one subscription. */
export function UsageOfOne({ id }: { id: number }) {
  const { t } = useTranslation('panel')
  const common = useTranslation().t
  const query = useQuery({
    ...read('GET /api/user/usage/days', { query: { user_automation_id: id } }),
    refetchInterval: LOOK_AGAIN_MS,
  })
  return (
    <Loaded query={query} skeleton={<Skeleton className="h-71.5" />}>
      {({ days }) => (
        <ChartBox
          title={t('one.usage')}
          caption={t('one.usage')}
          rows={days}
          rowKey={({ day }) => day}
          columns={[
            { key: 'day', head: t('day'), cell: ({ day }) => utcDay(day, true) },
            { key: 'uses', head: t('usesHead'), numeric: true, cell: ({ sessions }) => num(sessions) },
            { key: 'tokens', head: t('tokens'), numeric: true, cell: ({ tokens }) => num(tokens) },
          ]}
        >
          <Bars
            summary={t('one.usageSummary', { total: num(days.reduce((sum, { tokens }) => sum + tokens, 0)) })}
            unit={(value) => common('tokens', { count: value })}
            bars={days.map(({ day, tokens }) => ({
              label: utcDay(day),
              title: utcDay(day, true),
              value: tokens,
            }))}
          />
        </ChartBox>
      )}
    </Loaded>
  )
}
