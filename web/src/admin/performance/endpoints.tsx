import { useTranslation } from 'react-i18next'
import { num, percent } from '../../i18n/format.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { SearchInput } from '../../ui/field.tsx'
import { Segments } from '../../ui/segments.tsx'
import { Empty } from '../../ui/states.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { brief, type Endpoint, endpointVerdict, type Verdict } from './reading.ts'
import { Trend, VerdictBadge } from './verdict.tsx'

/** What of the table stands in the address; `sort` is empty for the server's order, the worst first. */
export interface EndpointsView {
  search: string
  state: string
  sort: string
  dir: string
  all: string
}

const STATES = ['all', 'fail', 'near', 'pass'] as const
const FIRST_SHOWN = 12

const BY: Record<string, (endpoint: Endpoint) => number | string> = {
  endpoint: ({ path, method }) => `${path} ${method}`,
  requests: ({ count }) => count,
  p50: ({ p50_ms }) => p50_ms,
  p95: ({ p95_ms }) => p95_ms,
  p99: ({ p99_ms }) => p99_ms,
  target: ({ target_ms }) => target_ms ?? 0,
  within: ({ within_target_percent }) => within_target_percent,
  errors: ({ errors }) => errors,
}

/** Those that the view asks for, in its order. */
function chosen(endpoints: readonly Endpoint[], { search, state, sort, dir }: EndpointsView) {
  const words = search.trim().toLowerCase().split(/\s+/)
  const isWanted = (verdict: Verdict) =>
    !STATES.includes(state as 'all') || state === 'all' || verdict === state
  const found = endpoints.filter((one) => {
    const name = `${one.method} ${one.path}`.toLowerCase()
    return words.every((word) => name.includes(word)) && isWanted(endpointVerdict(one))
  })
  const by = BY[sort]
  if (!by) return found
  const sign = dir === 'up' ? 1 : -1
  return found.toSorted((a, b) => {
    const [one, other] = [by(a), by(b)]
    return sign * (one < other ? -1 : one > other ? 1 : 0)
  })
}

interface EndpointsProps {
  endpoints: readonly Endpoint[]
  view: EndpointsView
  onView: (changes: Partial<EndpointsView>) => void
}

/** Every endpoint against its own target. */
export function Endpoints({ endpoints, view, onView }: EndpointsProps) {
  const { t } = useTranslation('performance')
  const columns = useColumns()
  const found = chosen(endpoints, view)
  const shown = view.all ? found : found.slice(0, FIRST_SHOWN)
  return (
    <Card
      title={t('endpoints.title')}
      text={t('endpoints.text')}
      flush
      actions={
        <>
          <div className="w-full sm:w-60">
            <SearchInput
              label={t('endpoints.search')}
              value={view.search}
              onChange={(search) => onView({ search })}
            />
          </div>
          <Segments
            label={t('endpoints.state')}
            options={STATES.map((value) => ({ value, label: t(`endpoints.states.${value}`) }))}
            value={STATES.find((state) => state === view.state) ?? 'all'}
            onChange={(state) => onView({ state })}
          />
        </>
      }
    >
      {found.length === 0 ? (
        <Empty
          icon="gauge"
          title={t('endpoints.none')}
          text={t('endpoints.noneText')}
          action={
            (view.search || view.state !== 'all') && (
              <Button onClick={() => onView({ search: '', state: 'all' })}>{t('endpoints.clear')}</Button>
            )
          }
        />
      ) : (
        <Table
          caption={t('endpoints.caption')}
          dense
          columns={columns}
          rows={shown}
          rowKey={({ method, path }) => `${method} ${path}`}
          {...(BY[view.sort] ? { sort: { key: view.sort, descending: view.dir !== 'up' } } : {})}
          onSort={({ key, descending }) => onView({ sort: key, dir: descending ? 'down' : 'up' })}
        />
      )}
      {found.length > FIRST_SHOWN && (
        <div className="flex items-center justify-between gap-4 border-t border-line px-5 py-2 text-sm text-soft">
          <span>{t('endpoints.count', { shown: shown.length, count: found.length })}</span>
          <Button look="quiet" size="sm" onClick={() => onView({ all: view.all ? '' : '1' })}>
            {view.all ? t('endpoints.showFewer') : t('endpoints.showAll', { count: found.length })}
          </Button>
        </div>
      )}
    </Card>
  )
}

const FIGURE = 'min-w-18'

function useColumns(): Column<Endpoint>[] {
  const { t } = useTranslation('performance')
  const time = (key: 'p50' | 'p95' | 'p99', of: (one: Endpoint) => number): Column<Endpoint> => ({
    ...{ key, head: key, numeric: true, sortable: true },
    className: key === 'p95' ? `${FIGURE} font-semibold` : FIGURE,
    cell: (one) => brief(of(one)),
  })
  return [
    {
      key: 'endpoint',
      head: t('endpoints.endpoint'),
      sortable: true,
      className: 'w-full min-w-48',
      cell: ({ method, path }) => (
        <code className="text-[0.8125rem]">
          <span className="me-1 text-soft">{method}</span> {path}
        </code>
      ),
    },
    {
      key: 'verdict',
      head: t('verdict'),
      className: 'min-w-28',
      cell: (one) => <VerdictBadge verdict={endpointVerdict(one)} />,
    },
    {
      ...{ key: 'requests', head: t('endpoints.requests'), numeric: true, sortable: true, className: FIGURE },
      cell: ({ count }) => num(count),
    },
    time('p50', ({ p50_ms }) => p50_ms),
    time('p95', ({ p95_ms }) => p95_ms),
    time('p99', ({ p99_ms }) => p99_ms),
    {
      ...{ key: 'target', head: t('goal'), numeric: true, sortable: true, className: `${FIGURE} text-soft` },
      cell: ({ target_ms }) => (target_ms === null ? '–' : brief(target_ms)),
    },
    {
      ...{ key: 'within', head: t('endpoints.within'), numeric: true, sortable: true, className: FIGURE },
      cell: ({ within_target_percent }) => percent(within_target_percent / 100, 1),
    },
    {
      key: 'trend',
      head: t('trend'),
      cell: ({ method, path, series, target_ms }) => (
        <Trend
          name={`${method} ${path}`}
          values={series.map(({ p95_ms }) => p95_ms)}
          unit="ms"
          target={target_ms}
        />
      ),
    },
    {
      ...{ key: 'errors', head: t('endpoints.errors'), numeric: true, sortable: true },
      cell: ({ errors }) =>
        errors > 0 ? <span className="font-medium text-bad">{num(errors)}</span> : num(0),
    },
  ]
}
