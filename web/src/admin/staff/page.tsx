import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { read } from '../../api/query.ts'
import type { Api } from '../../api/schema.ts'
import { num } from '../../i18n/format.ts'
import { useTitle } from '../../shell/title.ts'
import { Button } from '../../ui/button.tsx'
import { Card, PageHead, Stat } from '../../ui/card.tsx'
import { Empty, Loaded, Skeleton, SkeletonRows } from '../../ui/states.tsx'
import { Table } from '../../ui/table.tsx'
import { useUrlState } from '../../ui/url-state.ts'
import { Choice, Filters, SearchFilter } from '../kit/filters.tsx'
import { useMay } from '../kit/role.ts'
import { useStaffColumns } from './columns.tsx'
import { AddStaff } from './edit.tsx'

type Query = NonNullable<Api['GET /api/admin/users/managers']['query']>

const ROLES = ['manager', 'technical_team', 'support_staff'] as const
const NO_FILTER = { search: '', role: '', active: '' }
const MOST = 100

export function Page() {
  const { t } = useTranslation('admin')
  const common = useTranslation().t
  useTitle(t('staff.title'))
  const may = useMay()
  if (may.manage) return <Staff />
  return (
    <>
      <PageHead title={t('staff.title')} text={t('staff.text')} />
      <Card>
        <Empty
          icon="shield"
          title={t('staff.onlyManagers')}
          text={t('staff.onlyManagersText', { role: common(`role.${may.role}`) })}
        />
      </Card>
    </>
  )
}

function Staff() {
  const { t } = useTranslation('admin')
  const [{ add }, setAdd] = useUrlState({ add: '' })
  const [filter, set] = useUrlState(NO_FILTER)
  const { search, role, active } = filter
  const query: Query = {
    ...(search.trim() ? { search: search.trim() } : {}),
    ...(ROLES.some((one) => one === role) ? { role: role as (typeof ROLES)[number] } : {}),
    ...(active ? { is_active: active === 'yes' } : {}),
    limit: MOST,
  }
  const isFiltered = Object.keys(query).length > 1
  const clear = () => set(NO_FILTER)
  const staff = useQuery({
    ...read('GET /api/admin/users/managers', { query }),
    placeholderData: keepPreviousData,
  })
  return (
    <>
      <PageHead
        title={t('staff.title')}
        text={t('staff.text')}
        actions={
          <Button look="primary" icon="plus" onClick={() => setAdd({ add: 'yes' })}>
            {t('staff.add')}
          </Button>
        }
      />
      <Roles />
      <Card flush className="overflow-hidden">
        <StaffFilters filter={filter} onChange={set} onClear={isFiltered ? clear : null} />
        <Loaded query={staff} skeleton={<SkeletonRows rows={6} className="h-9" />}>
          {({ managers, total_count }) =>
            managers.length === 0 ? (
              <Empty
                icon="users"
                title={t('staff.none')}
                action={<Button onClick={clear}>{t('list.clear')}</Button>}
              />
            ) : (
              <StaffTable managers={managers} isAll={managers.length === total_count} />
            )
          }
        </Loaded>
      </Card>
      {add && <AddStaff onClose={() => setAdd({ add: '' })} />}
    </>
  )
}

type Managers = Api['GET /api/admin/users/managers']['reply']['managers']

function StaffTable({ managers, isAll }: { managers: Managers; isAll: boolean }) {
  const { t } = useTranslation('admin')
  const { columns, dialogs } = useStaffColumns()
  return (
    <>
      <Table
        caption={t('staff.all')}
        columns={columns}
        rows={managers}
        rowKey={({ id }) => id}
        foot={!isAll && <p className="p-4 text-soft">{t('staff.narrow', { count: managers.length })}</p>}
      />
      {dialogs}
    </>
  )
}

/** How many there are of each role, and what it may do. */
function Roles() {
  const { t } = useTranslation('admin')
  const common = useTranslation().t
  const stats = useQuery(read('GET /api/admin/users/managers/stats'))
  const skeleton = (
    <div className="mb-5 grid gap-4 sm:grid-cols-3">
      {ROLES.map((role) => (
        <Skeleton key={role} className="h-36 rounded-xl" />
      ))}
    </div>
  )
  return (
    <Loaded query={stats} skeleton={skeleton}>
      {({ by_role }) => (
        <div className="mb-5 grid gap-4 sm:grid-cols-3">
          {ROLES.map((role) => (
            <Stat
              key={role}
              label={`${common(`role.${role}`)} · ${t('staff.active', { count: by_role[role].active })}`}
              value={num(by_role[role].total)}
              note={t(`staff.roles.${role}`)}
            />
          ))}
        </div>
      )}
    </Loaded>
  )
}

interface FilterProps {
  filter: typeof NO_FILTER
  onChange: (changes: Partial<typeof NO_FILTER>) => void
  onClear: (() => void) | null
}

function StaffFilters({ filter, onChange, onClear }: FilterProps) {
  const { t } = useTranslation('admin')
  const common = useTranslation().t
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
      <Choice
        label={t('users.state')}
        value={filter.active}
        values={['yes', 'no'] as const}
        name={(value) => t(`users.filter.active_${value}`)}
        onChange={(active) => onChange({ active })}
      />
    </Filters>
  )
}
