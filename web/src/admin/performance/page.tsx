import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { read } from '../../api/query.ts'
import { useTitle } from '../../shell/title.ts'
import { Badge, PageHead } from '../../ui/card.tsx'
import { Select } from '../../ui/field.tsx'
import { Segments } from '../../ui/segments.tsx'
import { Loaded, Skeleton } from '../../ui/states.tsx'
import { useUrlState } from '../../ui/url-state.ts'
import { Ask } from './ask.tsx'
import { Caches } from './caches.tsx'
import { Charts } from './charts.tsx'
import { Endpoints } from './endpoints.tsx'
import { Findings } from './findings.tsx'
import { Live } from './live.tsx'
import { Misses } from './misses.tsx'
import { EVERY_MS, endpointVerdict, RANGES, type Range, type Report } from './reading.ts'
import { SlowStatements } from './slow.tsx'
import { System } from './system.tsx'
import { Targets } from './targets.tsx'
import { useRights, useTuning } from './tuning.ts'

const VIEW = {
  range: '15m',
  node: '',
  search: '',
  state: 'all',
  sort: '',
  dir: '',
  all: '',
  by: 'total',
  statement: '',
}
const STATUS_EVERY_MS = 10_000

/** Everything that the server knows of its own speed, and what can be done about it. */
export function Page() {
  const { t } = useTranslation('performance')
  useTitle(t('title'))
  const [view, setView] = useUrlState(VIEW)
  const [live, setLive] = useState(true)
  const tuning = useTuning()
  const { mayLook } = useRights()
  const range = RANGES.find((one) => one === view.range) ?? '15m'
  const asked = view.node ? { range, node: view.node } : { range }
  const every = live ? EVERY_MS[range] : false
  const report = useQuery({
    ...read('GET /api/admin/performance', { query: asked }),
    placeholderData: keepPreviousData,
    refetchInterval: every,
    refetchOnWindowFocus: live,
  })
  const status = useQuery({
    ...read('GET /api/admin/system/status'),
    refetchInterval: live ? STATUS_EVERY_MS : false,
    refetchOnWindowFocus: live,
  })
  const findings = useQuery({
    ...read('GET /api/admin/performance/findings'),
    enabled: mayLook,
    staleTime: 60_000,
    refetchOnWindowFocus: false,
  })
  return (
    <>
      <PageHead
        title={t('title')}
        text={t('text')}
        actions={report.data && <Overall report={report.data} />}
      />
      <Toolbar
        range={range}
        node={view.node}
        report={report.data}
        onRange={(next) => setView({ range: next })}
        onNode={(node) => setView({ node })}
      >
        <Live on={live} onChange={setLive} at={report.dataUpdatedAt} lost={report.isRefetchError} />
      </Toolbar>
      <div
        className={`grid gap-6 ${report.isPlaceholderData ? 'opacity-60 transition-opacity' : ''}`}
        aria-busy={report.isPlaceholderData}
      >
        <Loaded query={report} skeleton={<Waiting />}>
          {(found) => (
            <>
              <Targets plan={found.plan} />
              <Charts report={found} />
              <Endpoints endpoints={found.endpoints} view={view} onView={setView} />
              <Misses misses={found.misses} />
              <Caches caches={found.caches} live={status.data?.caches} />
            </>
          )}
        </Loaded>
        <SlowStatements
          asked={asked}
          every={every}
          by={view.by}
          open={view.statement}
          onView={setView}
          findings={findings.data?.findings ?? []}
          tuning={tuning}
        />
        <Findings query={findings} tuning={tuning} />
        <System query={status} />
      </div>
      {!view.statement && <Ask tuning={tuning} />}
    </>
  )
}

interface ToolbarProps {
  range: Range
  node: string
  report: Report | undefined
  onRange: (range: Range) => void
  onNode: (node: string) => void
  children: ReactNode
}

/** What the figures are of; it stays in sight while one reads on. */
function Toolbar({ range, node, report, onRange, onNode, children }: ToolbarProps) {
  const { t } = useTranslation('performance')
  const nodes = report?.nodes ?? []
  const known = node && !nodes.includes(node) ? [...nodes, node] : nodes
  return (
    <div className="top-14 z-20 -mx-4 mb-4 flex flex-wrap items-center gap-3 bg-ground/95 px-4 py-2 backdrop-blur sm:sticky sm:-mx-8 sm:px-8">
      <Segments
        label={t('range')}
        options={RANGES.map((value) => ({
          value,
          label: t(`short.${value}`),
          title: t(`ranges.${value}`),
        }))}
        value={range}
        onChange={onRange}
      />
      {known.length > 1 && (
        <div className="w-full sm:w-56">
          <Select
            bare
            label={t('node')}
            value={node}
            onChange={onNode}
            options={[
              { value: '', label: t('allNodes') },
              ...known.map((value) => ({ value, label: value })),
            ]}
          />
        </div>
      )}
      <div className="sm:ms-auto">{children}</div>
    </div>
  )
}

function Overall({ report: { status, plan, endpoints } }: { report: Report }) {
  const { t } = useTranslation('performance')
  const missed = [
    ...plan.filter((figure) => figure.status === 'fail'),
    ...endpoints.filter((one) => endpointVerdict(one) === 'fail'),
  ].length
  if (status === 'fail') return <Badge meaning="bad">{t('overall.fail', { count: missed })}</Badge>
  return <Badge meaning={status === 'pass' ? 'good' : 'plain'}>{t(`overall.${status}`)}</Badge>
}

const Waiting = () => (
  <>
    <Skeleton className="h-132" />
    <div className="grid gap-4 md:grid-cols-2 xl:grid-cols-3">
      {RANGES.map((range) => (
        <Skeleton key={range} className="h-63" />
      ))}
    </div>
    <Skeleton className="h-176" />
  </>
)
