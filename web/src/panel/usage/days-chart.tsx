import { useTranslation } from 'react-i18next'
import { byMonth } from '../../i18n/calendar.ts'
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

export function DaysChart({ days }: { days: readonly Day[] }) {
  const { t } = useTranslation('panel')
  const common = useTranslation().t
  const monthly = days.length > DAYS_MOST
  const rows = monthly ? byMonth(days) : days
  const long = (day: string) => (monthly ? utcMonth(day, true) : utcDay(day, true))
  const tokens = num(days.reduce((sum, one) => sum + one.tokens, 0))
  return (
    <ChartBox
      title={t(monthly ? 'usage.perMonth' : 'usage.perDay')}
      caption={t(monthly ? 'usage.perMonth' : 'usage.perDay')}
      rows={rows}
      rowKey={({ day }) => day}
      columns={[
        { key: 'day', head: t(monthly ? 'month' : 'day'), cell: ({ day }) => long(day) },
        { key: 'uses', head: t('usesHead'), numeric: true, cell: ({ sessions }) => num(sessions) },
        { key: 'tokens', head: t('tokens'), numeric: true, cell: (row) => num(row.tokens) },
      ]}
    >
      <Bars
        summary={t('usage.summary', { tokens, days: num(days.length) })}
        unit={(value) => common('tokens', { count: value })}
        bars={rows.map((row) => ({
          label: monthly ? utcMonth(row.day) : utcDay(row.day),
          title: long(row.day),
          value: row.tokens,
        }))}
      />
    </ChartBox>
  )
}
