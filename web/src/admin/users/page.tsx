import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { download } from '../../api/client.ts'
import { num } from '../../i18n/format.ts'
import { useTitle } from '../../shell/title.ts'
import { Button } from '../../ui/button.tsx'
import { Card, PageHead } from '../../ui/card.tsx'
import { Empty, Skeleton } from '../../ui/states.tsx'
import { useUrlState } from '../../ui/url-state.ts'
import { CsvButton } from '../kit/download.tsx'
import { Choice, Filters, SearchFilter } from '../kit/filters.tsx'
import { Listing } from '../kit/listing.tsx'
import { usePages } from '../kit/pages.ts'
import { useMay } from '../kit/role.ts'
import { Bulk } from './bulk.tsx'
import { useUserColumns } from './columns.tsx'
import { isFiltered, NO_FILTER, queryOf, sortOf } from './filter.ts'

const NONE: ReadonlySet<number> = new Set()

export function Page() {
  const { t } = useTranslation('admin')
  useTitle(t('users.title'))
  const may = useMay()
  const [filter, set] = useUrlState(NO_FILTER)
  const [chosen, setChosen] = useState(NONE)
  const query = queryOf(filter)
  const pages = usePages('GET /api/admin/users', { query }, ({ users }) => users)
  const columns = useUserColumns(pages.rows ?? [], may.change ? { ids: chosen, set: setChosen } : null)
  const change = (changes: Partial<typeof NO_FILTER>) => {
    setChosen(NONE)
    set(changes)
  }
  const clear = () => change({ ...NO_FILTER, sort: filter.sort, order: filter.order })
  return (
    <>
      <PageHead
        title={t('users.title')}
        text={pages.first ? <Count {...pages.first} /> : <Skeleton className="h-6 w-24" />}
        actions={may.change && <CsvButton fetch={() => download('GET /api/admin/users/export', { query })} />}
      />
      <Card flush className="overflow-hidden">
        <UserFilters filter={filter} onChange={change} onClear={isFiltered(filter) ? clear : null} />
        {chosen.size > 0 && <Bulk ids={chosen} onDone={() => setChosen(NONE)} />}
        <Listing
          pages={pages}
          caption={t('users.title')}
          columns={columns}
          rowKey={({ id }) => id}
          sort={sortOf(filter)}
          onSort={({ key, descending }) => change({ sort: key, order: descending ? 'desc' : 'asc' })}
          empty={
            <Empty
              icon="users"
              title={t('users.none')}
              text={t(isFiltered(filter) ? 'users.noneFiltered' : 'users.noneText')}
              action={isFiltered(filter) && <Button onClick={clear}>{t('list.clear')}</Button>}
            />
          }
        />
      </Card>
    </>
  )
}

function Count({ total_count, total_is_estimate }: { total_count: number; total_is_estimate: boolean }) {
  const { t } = useTranslation('admin')
  return t(total_is_estimate ? 'users.about' : 'users.exactly', {
    count: total_count,
    number: num(total_count),
  })
}

interface FilterProps {
  filter: typeof NO_FILTER
  onChange: (changes: Partial<typeof NO_FILTER>) => void
  onClear: (() => void) | null
}

const ROLES = ['customer', 'support_staff', 'technical_team', 'manager'] as const
const YES_NO = ['yes', 'no'] as const

function UserFilters({ filter, onChange, onClear }: FilterProps) {
  const { t } = useTranslation('admin')
  const common = useTranslation().t
  const yesNo = (name: 'active' | 'verified' | 'admin') => (
    <Choice
      label={t(`users.filter.${name}`)}
      value={filter[name]}
      values={YES_NO}
      name={(value) => t(`users.filter.${name}_${value}`)}
      onChange={(value) => onChange({ [name]: value })}
    />
  )
  return (
    <Filters onClear={onClear}>
      <SearchFilter
        label={t('users.search')}
        value={filter.search}
        onChange={(search) => onChange({ search })}
      />
      <Choice
        label={t('users.role')}
        value={filter.role}
        values={ROLES}
        name={(role) => common(`role.${role}`)}
        onChange={(role) => onChange({ role })}
      />
      {yesNo('active')}
      {yesNo('verified')}
      {yesNo('admin')}
    </Filters>
  )
}
