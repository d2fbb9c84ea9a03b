import { useTranslation } from 'react-i18next'
import type { Api } from '../../api/schema.ts'
import { num } from '../../i18n/format.ts'
import { Badge } from '../../ui/card.tsx'
import type { Column } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import { ActiveBadge, UserCell } from '../kit/people.tsx'

export type UserRow = Api['GET /api/admin/users']['reply']['users'][number]

export interface Chosen {
  ids: ReadonlySet<number>
  set: (ids: ReadonlySet<number>) => void
}

const box = 'size-4 align-middle accent-(--accent)'

/** What is chosen, and how one user's box is called. */
function useChoosing(rows: readonly UserRow[], { ids, set }: Chosen): Column<UserRow> {
  const { t } = useTranslation('admin')
  const own = rows.filter(({ role }) => role === 'customer')
  const all = own.length > 0 && own.every(({ id }) => ids.has(id))
  const toggle = (id: number) => {
    const next = new Set(ids)
    if (!next.delete(id)) next.add(id)
    set(next)
  }
  return {
    key: 'chosen',
    head: t('users.choose'),
    headCell: (
      <input
        type="checkbox"
        className={box}
        aria-label={t('users.chooseAll')}
        checked={all}
        onChange={() => set(all ? new Set() : new Set(own.map(({ id }) => id)))}
      />
    ),
    cell: ({ id, name, role }) =>
      role === 'customer' && (
        <input
          type="checkbox"
          className={box}
          aria-label={t('users.chooseOne', { name })}
          checked={ids.has(id)}
          onChange={() => toggle(id)}
        />
      ),
  }
}

/** @param chosen null for those who may change nobody. */
export function useUserColumns(rows: readonly UserRow[], chosen: Chosen | null): readonly Column<UserRow>[] {
  const { t } = useTranslation('admin')
  const common = useTranslation().t
  const choosing = useChoosing(rows, chosen ?? { ids: new Set(), set: () => {} })
  const columns: Column<UserRow>[] = [
    { key: 'name', head: t('users.name'), sortable: true, cell: (user) => <UserCell {...user} /> },
    {
      key: 'email',
      head: t('users.email'),
      sortable: true,
      wide: true,
      cell: ({ email_verified }) => (
        <Badge meaning={email_verified ? 'good' : 'plain'}>
          {t(email_verified ? 'state.verified' : 'state.unverified')}
        </Badge>
      ),
    },
    {
      key: 'role',
      head: t('users.role'),
      wide: true,
      cell: ({ role }) => common(`role.${role as 'customer'}`),
    },
    { key: 'state', head: t('users.state'), cell: ({ is_active }) => <ActiveBadge active={is_active} /> },
    {
      key: 'automations',
      head: t('users.automations'),
      numeric: true,
      wide: true,
      cell: ({ automations_count }) => num(automations_count),
    },
    {
      key: 'tokens',
      head: t('users.tokens'),
      numeric: true,
      cell: ({ tokens_remaining }) => num(tokens_remaining),
    },
    {
      key: 'last',
      head: t('users.lastLogin'),
      wide: true,
      cell: ({ last_login_at }) => (last_login_at ? <Time at={last_login_at} /> : t('never')),
    },
    {
      key: 'created_at',
      head: t('users.joined'),
      sortable: true,
      wide: true,
      cell: ({ created_at }) => <Time at={created_at} />,
    },
  ]
  return chosen ? [choosing, ...columns] : columns
}
