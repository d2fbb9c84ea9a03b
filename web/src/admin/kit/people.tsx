import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Badge } from '../../ui/card.tsx'

const LINK = 'rounded-sm font-medium text-accent-ink underline-offset-4 hover:underline'
/** Where everything is a link, and would be too loud. */
const QUIET = 'rounded-sm underline-offset-4 hover:underline'

/** A link within the pages of staff. What people wrote stands in its own direction. */
export function To({
  to,
  search,
  quiet = false,
  children,
}: {
  to: string
  search?: Record<string, string>
  quiet?: boolean
  children: ReactNode
}) {
  return (
    <Link
      to={to}
      {...(search ? { search: search as never } : {})}
      className={quiet ? QUIET : LINK}
      dir="auto"
    >
      {children}
    </Link>
  )
}

/** A user by name, with the address below it. */
export const UserCell = ({ id, name, email }: { id: number; name: string; email?: string }) => (
  <span className="grid min-w-32 leading-tight">
    <span className="truncate text-left rtl:text-right" dir="auto">
      <To to={`/admin/users/${id}`}>{name}</To>
    </span>
    {email && (
      <span className="truncate text-left text-xs text-soft rtl:text-right" dir="ltr">
        {email}
      </span>
    )}
  </span>
)

export function ActiveBadge({ active }: { active: boolean }) {
  const { t } = useTranslation('admin')
  return <Badge meaning={active ? 'good' : 'bad'}>{t(active ? 'state.active' : 'state.inactive')}</Badge>
}

const HEALTH = { healthy: 'good', degraded: 'warn', unhealthy: 'bad', unknown: 'plain' } as const

export function HealthBadge({ health }: { health: keyof typeof HEALTH }) {
  const { t } = useTranslation()
  return <Badge meaning={HEALTH[health]}>{t(`health.${health}`)}</Badge>
}

const STATUS = { active: 'good', paused: 'warn', cancelled: 'plain' } as const

/** Of a subscription. */
export function StatusBadge({ status }: { status: string }) {
  const { t } = useTranslation('admin')
  const known = status as keyof typeof STATUS
  return <Badge meaning={STATUS[known] ?? 'plain'}>{t(`status.${known}`)}</Badge>
}

export function SaleBadge({ automation }: { automation: { is_on_sale: boolean; is_listed: boolean } }) {
  const { t } = useTranslation('admin')
  if (automation.is_on_sale) return <Badge meaning="good">{t('automations.onSale')}</Badge>
  if (automation.is_listed) return <Badge meaning="warn">{t('automations.notOnSale')}</Badge>
  return <Badge>{t('automations.listed_no')}</Badge>
}
