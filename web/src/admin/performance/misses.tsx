import { useTranslation } from 'react-i18next'
import { Badge, Card } from '../../ui/card.tsx'
import { Icon } from '../../ui/icons.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import { type Figure, inUnit, type Report, useNames } from './reading.ts'

type Miss = Report['misses'][number]

const UNITS: readonly string[] = ['ms', '%', 'MB', 'count'] satisfies Figure['unit'][]
const say = (value: number, unit: string) =>
  UNITS.includes(unit) ? inUnit(value, unit as Figure['unit']) : `${value} ${unit}`

/** Targets that were missed long enough to be written down, the open ones first. */
export function Misses({ misses }: { misses: readonly Miss[] }) {
  const { t } = useTranslation('performance')
  const nameOf = useNames()
  const columns: Column<Miss>[] = [
    {
      ...{ key: 'target', head: t('misses.target'), className: 'w-full min-w-48' },
      cell: ({ target }) =>
        target.includes('/') ? (
          <code className="text-[0.8125rem]">{target}</code>
        ) : (
          <span className="font-medium">{nameOf('plan', target)}</span>
        ),
    },
    {
      ...{ key: 'goal', head: t('goal'), numeric: true, className: 'min-w-20 text-soft' },
      cell: ({ goal, unit }) => say(goal, unit),
    },
    {
      ...{ key: 'worst', head: t('misses.worst'), numeric: true, className: 'min-w-20 font-semibold' },
      cell: ({ worst, unit }) => say(worst, unit),
    },
    { ...{ key: 'since', head: t('misses.since') }, cell: ({ since }) => <Time at={since} /> },
    {
      ...{ key: 'until', head: t('misses.until'), className: 'min-w-36' },
      cell: ({ until }) => (until ? <Time at={until} /> : <Badge meaning="bad">{t('misses.open')}</Badge>),
    },
  ]
  return (
    <Card title={t('misses.title')} flush>
      {misses.length === 0 ? (
        <p className="flex items-center gap-2 px-5 pb-4 text-sm text-soft">
          <Icon name="check" size={16} className="text-good" />
          {t('misses.none')}
        </p>
      ) : (
        <Table
          caption={t('misses.caption')}
          columns={columns}
          rows={misses}
          rowKey={({ target, since }) => `${target} ${since}`}
        />
      )}
    </Card>
  )
}
