import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { call } from '../../api/client.ts'
import { num, percent } from '../../i18n/format.ts'
import { CodeBlock } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Loaded } from '../../ui/states.tsx'
import { Ask } from './ask.tsx'
import { FindingItem } from './finding.tsx'
import { Applied } from './outcome.tsx'
import { hasFullScan, PlanSteps } from './plan.tsx'
import { brief, type Finding, type Statement } from './reading.ts'
import { EXPLAIN, suggestionsFor, type Tuning, useRights } from './tuning.ts'

interface StatementProps {
  name: string
  /** Its figures; undefined when it is not among those that are shown now. */
  statement: Statement | undefined
  findings: readonly Finding[]
  tuning: Tuning
  onClose: () => void
}

/** One statement: its figures, its SQL, how the database would run it, and what would make it faster. */
export function StatementDialog({ name, statement, findings, tuning, onClose }: StatementProps) {
  const { t } = useTranslation('performance')
  const { mayLook } = useRights()
  const explained = useQuery({
    queryKey: [EXPLAIN, name],
    queryFn: ({ signal }) => call(EXPLAIN, { path: { name }, signal }),
    enabled: mayLook,
    staleTime: 60_000,
  })
  const sql = explained.data?.sql ?? statement?.sql ?? ''
  return (
    <Dialog open onClose={onClose} side wide title={t('slow.details', { name })}>
      <div className="grid gap-5">
        {statement && <Figures statement={statement} />}
        {sql && <CodeBlock text={inLines(sql)} label={t('slow.statement')} />}
        {mayLook ? (
          <>
            <Section title={t('slow.plan')}>
              <Loaded query={explained}>{(found) => <Plan plan={found.plan} note={found.note} />}</Loaded>
            </Section>
            <Section title={t('slow.suggestions')}>
              <Suggestions found={suggestionsFor(findings, { name, sql })} tuning={tuning} />
            </Section>
          </>
        ) : (
          <p className="text-sm text-soft">{t('slow.notAllowed')}</p>
        )}
      </div>
      <Ask tuning={tuning} />
    </Dialog>
  )
}

const Section = ({ title, children }: { title: string; children: ReactNode }) => (
  <section className="grid min-w-0 gap-2">
    <h3 className="font-semibold">{title}</h3>
    {children}
  </section>
)

function Figures({ statement: one }: { statement: Statement }) {
  const { t } = useTranslation('performance')
  const figures = [
    [t('slow.calls'), num(one.calls)],
    [t('slow.mean'), brief(one.mean_ms)],
    ['p95', brief(one.p95_ms)],
    [t('slow.max'), brief(one.max_ms)],
    [t('slow.total'), brief(one.total_ms)],
    [t('slow.share'), percent(one.share_of_database_time, 1)],
  ] as const
  return (
    <dl className="grid grid-cols-3 gap-x-4 gap-y-3 tabular-nums">
      {figures.map(([label, value]) => (
        <div key={label}>
          <dt className="text-sm text-soft">{label}</dt>
          <dd className="font-semibold">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function Plan({ plan, note }: { plan: readonly string[]; note: string | null }) {
  const { t } = useTranslation('performance')
  return (
    <>
      {plan.length === 0 ? (
        <p className="text-sm text-soft">{t('slow.planNone')}</p>
      ) : (
        <>
          <PlanSteps label={t('slow.plan')} plan={plan} />
          <p className="text-sm text-soft">
            {t(hasFullScan(plan) ? 'slow.fullScanText' : 'slow.noScan')} {t('slow.planned')}
          </p>
        </>
      )}
      {note && plan.length === 0 && (
        <p lang="en" dir="ltr" className="text-start rtl:text-end text-sm text-soft">
          {note}
        </p>
      )}
    </>
  )
}

function Suggestions({ found, tuning }: { found: readonly Finding[]; tuning: Tuning }) {
  const { t } = useTranslation('performance')
  return (
    <div className="-mx-5 divide-y divide-line">
      {tuning.outcome && <Applied outcome={tuning.outcome} tuning={tuning} />}
      {found.map((finding) => (
        <FindingItem key={finding.id} finding={finding} tuning={tuning} />
      ))}
      {found.length === 0 && !tuning.outcome && (
        <p className="px-5 text-sm text-soft">{t('slow.noSuggestion')}</p>
      )}
    </div>
  )
}

const CLAUSES =
  / (?=(?:from|where|order by|group by|having|limit|(?:left |inner |cross )?join|union all|set|values|on conflict|returning|and)\b)/gi

/** A clause a line: a statement is kept as one long line. */
const inLines = (sql: string) => sql.replaceAll(CLAUSES, '\n')
