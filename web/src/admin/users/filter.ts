import type { Api } from '../../api/schema.ts'
import type { Role } from '../../api/session.ts'
import type { Sort } from '../../ui/table.tsx'

type Query = NonNullable<Api['GET /api/admin/users']['query']>

/** In the address; an empty one filters nothing. */
export const NO_FILTER = { search: '', role: '', active: '', verified: '', admin: '', sort: '', order: '' }
export type Filter = typeof NO_FILTER

export const isFiltered = ({ search, role, active, verified, admin }: Filter) =>
  Boolean(search || role || active || verified || admin)

const yesNo = (text: string) => (text === '' ? undefined : text === 'yes')

/** As the API wants it. */
export function queryOf({ search, role, active, verified, admin, sort, order }: Filter): Query {
  const asked = {
    search: search.trim() || undefined,
    role: (role || undefined) as Role | undefined,
    is_active: yesNo(active),
    email_verified: yesNo(verified),
    is_admin: yesNo(admin),
    sort: (sort || undefined) as Query['sort'],
    order: (order || undefined) as Query['order'],
  }
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined))
}

/** Newest first unless the address says otherwise. */
export const sortOf = ({ sort, order }: Filter): Sort => {
  const key = sort || 'created_at'
  return { key, descending: order ? order === 'desc' : key === 'created_at' }
}
