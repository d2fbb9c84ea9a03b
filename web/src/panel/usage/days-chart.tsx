import { useTranslation } from 'react-i18next'
import { num, utcDay, utcMonth } from '../../i18n/format.ts'
import { Bars } from '../../ui/bars.tsx'
import { ChartBox } from '../../ui/chart.tsx'

interface Day {
  day: string
  tokens: number
  sessions: number
}

/** With more days than this a bar is a month. */
const DAYS_MOST = 92

function monthsOf(days: readonly Day[]) {
  const months = new Map<string, Day>()
  for (const { day, tokens, sessions } of days) {
    const month = day.slice(0, 7)
    const sum = months.get(month) ?? { day: month, tokens: 0, sessions: 0 }
    months.set(month, { day: month, tokens: sum.tokens + tokens, sessions: sum.sessions + sessions })
  }
  return [...months.values()]
}

export function DaysChart({ days }: { days: readonly Day[] }) {
  const { t } = useTranslation('panel')
  const common = useTranslation().t
  const byMonth = days.length > DAYS_MOST
  const rows = byMonth ? monthsOf(days) : days
  const long = (day: string) => (byMonth ? utcMonth(day, true) : utcDay(day, true))
  const tokens = num(days.reduce((sum, one) => sum + one.tokens, 0))
  return (
    <ChartBox
      title={t(byMonth ? 'usage.perMonth' : 'usage.perDay')}
      caption={t(byMonth ? 'usage.perMonth' : 'usage.perDay')}
      rows={rows}
      rowKey={({ day }) => day}
      columns={[
        { key: 'day', head: t(byMonth ? 'month' : 'day'), cell: ({ day }) => long(day) },
        { key: 'uses', head: t('usesHead'), numeric: true, cell: ({ sessions }) => num(sessions) },
        { key: 'tokens', head: t('tokens'), numeric: true, cell: (row) => num(row.tokens) },
      ]}
    >
      <Bars
        summary={t('usage.summary', { tokens, days: num(days.length) })}
        unit={(value) => common('tokens', { count: value })}
        bars={rows.map((row) => ({
          label: byMonth ? utcMonth(row.day) : utcDay(row.day),
          title: long(row.day),
          value: row.tokens,
        }))}
      />
    </ChartBox>
  )
}
