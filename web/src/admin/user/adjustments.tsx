import { useTranslation } from 'react-i18next'
import { num } from '../../i18n/format.ts'
import { Card } from '../../ui/card.tsx'
import { Empty } from '../../ui/states.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import { Delta } from '../adjustments/delta.tsx'
import { To } from '../kit/people.tsx'
import type { User } from './user.ts'

export function Adjustments({ user }: { user: User }) {
  const { t } = useTranslation('admin')
  const names = new Map(user.automations.map(({ id, automation_name }) => [id, automation_name]))
  const columns: Column<User['adjustments'][number]>[] = [
    { key: 'at', head: t('usage.at'), cell: ({ created_at }) => <Time at={created_at} /> },
    {
      key: 'delta',
      head: t('adjust.delta'),
      numeric: true,
      cell: ({ delta_tokens }) => <Delta of={delta_tokens} />,
    },
    { key: 'reason', head: t('adjust.reason'), cell: ({ reason }) => <span dir="auto">{reason}</span> },
    {
      key: 'automation',
      head: t('subscriptions.automation'),
      wide: true,
      cell: (row) => <span dir="auto">{names.get(row.user_automation_id) ?? row.user_automation_id}</span>,
    },
    {
      key: 'staff',
      head: t('adjust.by'),
      wide: true,
      cell: ({ staff_id, staff_name }) =>
        staff_id ? <To to={`/admin/users/${staff_id}`}>{staff_name}</To> : t('commandLine'),
    },
    {
      key: 'after',
      head: t('adjust.after'),
      numeric: true,
      wide: true,
      cell: (row) => num(row.balance_after),
    },
  ]
  return (
    <Card title={t('adjustments.title')} flush>
      {user.adjustments.length === 0 ? (
        <Empty icon="coins" title={t('user.noAdjustments')} />
      ) : (
        <Table
          caption={t('adjustments.title')}
          columns={columns}
          rows={user.adjustments}
          rowKey={({ id }) => id}
        />
      )}
    </Card>
  )
}
