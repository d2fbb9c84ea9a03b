import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Api } from '../../api/schema.ts'
import { relative } from '../../i18n/format.ts'
import { useTitle } from '../../shell/title.ts'
import { Button } from '../../ui/button.tsx'
import { Card, PageHead } from '../../ui/card.tsx'
import { Empty } from '../../ui/states.tsx'
import type { Column } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import { useUrlState } from '../../ui/url-state.ts'
import { useActionText } from '../kit/event-text.ts'
import { Choice, DaysFilter, daysAsked, Filters, NO_DAYS, SearchFilter } from '../kit/filters.tsx'
import { isId } from '../kit/ids.ts'
import { Listing } from '../kit/listing.tsx'
import { readAll, usePages } from '../kit/pages.ts'
import { To } from '../kit/people.tsx'
import { ACTIONS, type Entry, TYPES } from './actions.ts'
import { EntryDialog } from './entry.tsx'
import { Target } from './target.tsx'

type Query = NonNullable<Api['GET /api/admin/audit']['query']>

const NO_FILTER = { staff: '', action: '', type: '', id: '', ...NO_DAYS }

export function Page() {
  const { t } = useTranslation('admin')
  useTitle(t('audit.title'))
  const [filter, set] = useUrlState(NO_FILTER)
  const [shown, setShown] = useState<Entry | null>(null)
  const { staff, action, type, id } = filter
  const query: Query = {
    ...(isId(staff) ? { staff_id: Number(staff) } : {}),
    ...(action ? { action } : {}),
    ...(type ? { target_type: type } : {}),
    // Ids of different kinds of things are the same numbers: one is asked for together with the kind.
    ...(type && isId(id.trim()) ? { target_id: Number(id) } : {}),
    ...daysAsked(filter),
  }
  const isFiltered = Object.keys(query).length > 0
  const clear = () => set(NO_FILTER)
  const pages = usePages('GET /api/admin/audit', { query }, ({ entries }) => entries)
  return (
    <>
      <PageHead title={t('audit.title')} text={t('audit.text')} />
      <Card flush className="overflow-hidden">
        <AuditFilters filter={filter} onChange={set} onClear={isFiltered ? clear : null} />
        <Listing
          pages={pages}
          caption={t('audit.title')}
          columns={useColumns(setShown)}
          rowKey={(entry) => entry.id}
          empty={
            <Empty
              icon="shield"
              title={t('audit.none')}
              text={t(isFiltered ? 'audit.noneFiltered' : 'audit.noneText')}
              action={isFiltered && <Button onClick={clear}>{t('list.clear')}</Button>}
            />
          }
        />
      </Card>
      {shown && <EntryDialog entry={shown} onClose={() => setShown(null)} />}
    </>
  )
}

interface FilterProps {
  filter: typeof NO_FILTER
  onChange: (changes: Partial<typeof NO_FILTER>) => void
  onClear: (() => void) | null
}

function AuditFilters({ filter, onChange, onClear }: FilterProps) {
  const { t } = useTranslation('admin')
  const actions = useActionText()
  // Two questions, as no filter of the API means all three roles.
  const admins = useQuery(readAll('GET /api/admin/users', { is_admin: true }, ({ users }) => users))
  const support = useQuery(readAll('GET /api/admin/users', { role: 'support_staff' }, ({ users }) => users))
  const staff = [...(admins.data ?? []), ...(support.data ?? [])]
  const names = new Map(staff.map(({ id, name }) => [String(id), name]))
  return (
    <Filters onClear={onClear}>
      <Choice
        label={t('audit.staff')}
        value={filter.staff}
        values={[...names.keys()]}
        name={(id) => names.get(id) ?? id}
        onChange={(next) => onChange({ staff: next })}
      />
      <Choice
        label={t('audit.action')}
        value={filter.action}
        values={ACTIONS}
        name={actions}
        onChange={(action) => onChange({ action })}
      />
      <Choice
        label={t('audit.targetType')}
        value={filter.type}
        values={TYPES}
        name={(type) => t(`audit.types.${type}`)}
        onChange={(type) => onChange({ type, id: '' })}
      />
      {filter.type && (
        <SearchFilter label={t('audit.targetId')} value={filter.id} onChange={(id) => onChange({ id })} />
      )}
      <DaysFilter days={filter} onChange={onChange} />
    </Filters>
  )
}

function useColumns(onShow: (entry: Entry) => void): Column<Entry>[] {
  const { t } = useTranslation('admin')
  const actions = useActionText()
  return [
    { key: 'at', head: t('audit.at'), cell: ({ created_at }) => <Time at={created_at} /> },
    {
      key: 'staff',
      head: t('audit.staff'),
      wide: true,
      cell: ({ staff }) => (staff ? <To to={`/admin/users/${staff.id}`}>{staff.name}</To> : t('commandLine')),
    },
    { key: 'action', head: t('audit.action'), cell: ({ action }) => actions(action) },
    { key: 'target', head: t('audit.target'), wide: true, cell: (entry) => <Target entry={entry} /> },
    { key: 'ip', head: t('audit.ip'), wide: true, cell: ({ ip }) => <code>{ip ?? '–'}</code> },
    {
      key: 'changes',
      head: t('audit.changes'),
      cell: (entry) => (
        <Button
          size="sm"
          aria-label={t('audit.showOf', {
            action: actions(entry.action),
            at: relative(entry.created_at),
          })}
          onClick={() => onShow(entry)}
        >
          {t('audit.show')}
        </Button>
      ),
    },
  ]
}
