import { useTranslation } from 'react-i18next'
import { Card } from '../../ui/card.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { type Figure, inUnit, shareOf, useNames, verdictOf } from './reading.ts'
import { Meter, Trend, VerdictBadge } from './verdict.tsx'

const verdict = (figure: Figure) => verdictOf(figure.status, shareOf(figure))

/** The performance plan, line by line: what was promised, what is measured, whether it holds. */
export function Targets({ plan }: { plan: readonly Figure[] }) {
  const { t } = useTranslation('performance')
  const nameOf = useNames()
  const columns: Column<Figure>[] = [
    {
      key: 'target',
      head: t('targets.target'),
      className: 'min-w-44',
      cell: ({ name }) => <span className="font-medium">{nameOf('plan', name)}</span>,
    },
    {
      key: 'verdict',
      head: t('verdict'),
      className: 'min-w-28',
      cell: (figure) => <VerdictBadge verdict={verdict(figure)} />,
    },
    {
      key: 'measured',
      head: t('targets.measured'),
      numeric: true,
      className: 'min-w-24 font-medium',
      cell: ({ value, unit }) => (value === null ? '–' : inUnit(value, unit)),
    },
    {
      key: 'goal',
      head: t('goal'),
      cell: ({ target, bound, unit }) =>
        target === null ? '–' : t(bound === 'above' ? 'above' : 'below', { value: inUnit(target, unit) }),
      className: 'whitespace-nowrap text-soft',
    },
    {
      key: 'distance',
      head: t('targets.distance'),
      cell: (figure) => <Meter share={shareOf(figure)} verdict={verdict(figure)} />,
    },
    {
      key: 'trend',
      head: t('trend'),
      cell: ({ name, series, unit, target }) => (
        <Trend
          name={nameOf('plan', name)}
          values={series.map(({ value }) => value)}
          unit={unit}
          target={target}
        />
      ),
    },
    {
      key: 'slowest',
      head: t('targets.slowest'),
      className: 'w-full',
      cell: ({ endpoint }) =>
        endpoint && <code className="text-[0.8125rem] whitespace-nowrap text-soft">{endpoint}</code>,
    },
  ]
  return (
    <Card title={t('targets.title')} text={t('targets.text')} flush>
      <Table caption={t('targets.caption')} columns={columns} rows={plan} rowKey={({ name }) => name} />
    </Card>
  )
}
