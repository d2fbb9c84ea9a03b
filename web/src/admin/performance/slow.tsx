import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { read } from '../../api/query.ts'
import { num, percent } from '../../i18n/format.ts'
import { Card } from '../../ui/card.tsx'
import { Segments } from '../../ui/segments.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { Part } from './part.tsx'
import { brief, type Finding, type Range, type Statement } from './reading.ts'
import { StatementDialog } from './statement.tsx'
import type { Tuning } from './tuning.ts'

const SORTS = ['total', 'mean', 'max'] as const
/** Where statements that took little are gathered. */
const OTHER = 'other'

interface SlowProps {
  asked: { range: Range; node?: string }
  /** Milliseconds between two looks; false while the page is paused. */
  every: number | false
  by: string
  /** The statement that is looked at; empty for none. */
  open: string
  onView: (changes: { by?: string; statement?: string }) => void
  findings: readonly Finding[]
  tuning: Tuning
}

/** What the database spent its time on, and for each its plan and what would help. */
export function SlowStatements({ asked, every, by, open, onView, findings, tuning }: SlowProps) {
  const { t } = useTranslation('performance')
  const sort = SORTS.find((one) => one === by) ?? 'total'
  const statements = useQuery({
    ...read('GET /api/admin/performance/slow-queries', { query: { ...asked, sort, limit: 10 } }),
    placeholderData: keepPreviousData,
    refetchInterval: every,
  })
  const columns = useColumns((name) => onView({ statement: name }))
  return (
    <Part title={t('slow.title')} query={statements}>
      {({ statements: found }) => (
        <Card
          title={t('slow.title')}
          text={t('slow.text')}
          flush
          actions={
            <Segments
              label={t('slow.by')}
              options={SORTS.map((value) => ({ value, label: t(`slow.${value}`) }))}
              value={sort}
              onChange={(next) => onView({ by: next })}
            />
          }
        >
          {found.length === 0 ? (
            <p className="px-5 pb-4 text-sm text-soft">{t('slow.none')}</p>
          ) : (
            <Table
              dense
              caption={t('slow.caption')}
              columns={columns}
              rows={found}
              rowKey={({ name }) => name}
            />
          )}
          {open && (
            <StatementDialog
              name={open}
              statement={found.find(({ name }) => name === open)}
              findings={findings}
              tuning={tuning}
              onClose={() => onView({ statement: '' })}
            />
          )}
        </Card>
      )}
    </Part>
  )
}

function useColumns(onOpen: (name: string) => void): Column<Statement>[] {
  const { t } = useTranslation('performance')
  const time = (key: 'total' | 'mean' | 'max', of: (one: Statement) => number): Column<Statement> => ({
    ...{ key, head: t(`slow.${key}`), numeric: true, className: 'min-w-20' },
    cell: (one) => brief(of(one)),
  })
  return [
    {
      ...{ key: 'statement', head: t('slow.statement'), className: 'w-full min-w-64 max-w-0' },
      cell: ({ name, sql }) =>
        name === OTHER ? (
          <span className="text-soft">{t('slow.other')}</span>
        ) : (
          <button
            type="button"
            title={t('slow.open', { name })}
            onClick={() => onOpen(name)}
            dir="ltr"
            className="block w-full truncate rounded-sm text-start text-accent-ink hover:underline rtl:text-end"
          >
            <code className="text-[0.8125rem]">{sql || name}</code>
          </button>
        ),
    },
    {
      ...{ key: 'calls', head: t('slow.calls'), numeric: true, className: 'min-w-20' },
      cell: ({ calls }) => num(calls),
    },
    time('mean', ({ mean_ms }) => mean_ms),
    {
      ...{ key: 'p95', head: 'p95', numeric: true, className: 'min-w-20' },
      cell: ({ p95_ms }) => brief(p95_ms),
    },
    time('max', ({ max_ms }) => max_ms),
    time('total', ({ total_ms }) => total_ms),
    {
      ...{ key: 'share', head: t('slow.share'), numeric: true, className: 'min-w-20' },
      cell: ({ share_of_database_time: share }) => percent(share, 1),
    },
  ]
}
