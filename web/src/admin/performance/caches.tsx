import { useTranslation } from 'react-i18next'
import type { Api } from '../../api/schema.ts'
import { bytes, num, percent } from '../../i18n/format.ts'
import { Card } from '../../ui/card.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { type Report, shareOf, useNames, verdictOf } from './reading.ts'
import { Meter, Trend, VerdictBadge } from './verdict.tsx'

type Cache = Report['caches'][number]
type Live = Api['GET /api/admin/system/status']['reply']['caches'][number]

const share = ({ hit_rate_percent, target }: Cache) =>
  shareOf({ value: hit_rate_percent, target, bound: 'above' })

/** What was answered from memory, cache by cache; with what they hold now, where that is known. */
export function Caches({ caches, live }: { caches: readonly Cache[]; live: readonly Live[] | undefined }) {
  const { t } = useTranslation('performance')
  const nameOf = useNames()
  if (caches.length === 0) return null
  const held = new Map(live?.map((one) => [one.name, one]))
  const now = (key: 'entries' | 'bytes' | 'evictions', head: string): Column<Cache> => ({
    ...{ key, head, numeric: true, className: 'min-w-20' },
    cell: ({ name }) => {
      const value = held.get(name)?.[key]
      return value === undefined ? '–' : key === 'bytes' ? bytes(value) : num(value)
    },
  })
  const columns: Column<Cache>[] = [
    {
      ...{ key: 'name', head: t('caches.name'), className: 'w-full min-w-36 font-medium' },
      cell: ({ name }) => nameOf('cache', name),
    },
    {
      ...{ key: 'verdict', head: t('verdict'), className: 'min-w-28' },
      cell: (cache) => <VerdictBadge verdict={verdictOf(cache.status, share(cache))} />,
    },
    {
      ...{ key: 'rate', head: t('caches.rate'), numeric: true, className: 'min-w-20 font-semibold' },
      cell: ({ hit_rate_percent: rate }) => (rate === null ? '–' : percent(rate / 100, 1)),
    },
    {
      ...{ key: 'distance', head: t('targets.distance') },
      cell: (cache) => <Meter share={share(cache)} verdict={verdictOf(cache.status, share(cache))} />,
    },
    {
      ...{ key: 'lookups', head: t('caches.lookups'), numeric: true, className: 'min-w-20' },
      cell: ({ lookups }) => num(lookups),
    },
    {
      ...{ key: 'hits', head: t('caches.hits'), numeric: true, className: 'min-w-20' },
      cell: ({ hits }) => num(hits),
    },
    {
      ...{ key: 'trend', head: t('trend') },
      cell: ({ name, series }) => (
        <Trend name={nameOf('cache', name)} values={series.map(({ value }) => value)} unit="%" />
      ),
    },
    ...(live
      ? [
          now('entries', t('caches.entries')),
          now('bytes', t('caches.size')),
          now('evictions', t('caches.evictions')),
        ]
      : []),
  ]
  return (
    <Card title={t('caches.title')} text={t('caches.text')} flush>
      <Table
        dense
        caption={t('caches.caption')}
        columns={columns}
        rows={caches}
        rowKey={({ name }) => name}
      />
    </Card>
  )
}
