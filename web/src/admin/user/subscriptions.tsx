import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { num } from '../../i18n/format.ts'
import { Button } from '../../ui/button.tsx'
import { Badge, Card } from '../../ui/card.tsx'
import { Empty } from '../../ui/states.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { type Adjustable, AdjustDialog } from '../adjustments/adjust.tsx'
import { StatusBadge, To } from '../kit/people.tsx'
import { useMay } from '../kit/role.ts'
import type { User } from './user.ts'

type Row = User['automations'][number]

export function Subscriptions({ user }: { user: User }) {
  const { t } = useTranslation('admin')
  const may = useMay()
  const [adjusting, setAdjusting] = useState<Adjustable | null>(null)
  const columns: Column<Row>[] = [
    {
      key: 'automation',
      head: t('subscriptions.automation'),
      cell: ({ automation_id, automation_name }) => (
        <To to={`/admin/automations/${automation_id}`}>{automation_name}</To>
      ),
    },
    {
      key: 'status',
      head: t('subscriptions.status'),
      wide: true,
      cell: ({ status }) => <StatusBadge status={status} />,
    },
    {
      key: 'setUp',
      head: t('subscriptions.setUp'),
      wide: true,
      cell: ({ integration_status }) => <SetUp status={integration_status} />,
    },
    {
      key: 'demo',
      head: t('subscriptions.demo'),
      numeric: true,
      wide: true,
      cell: (row) => num(row.demo_tokens),
    },
    {
      key: 'paid',
      head: t('subscriptions.paid'),
      numeric: true,
      wide: true,
      cell: (row) => num(row.paid_tokens),
    },
    {
      key: 'left',
      head: t('subscriptions.left'),
      numeric: true,
      cell: (row) => <strong className="font-semibold">{num(row.tokens_remaining)}</strong>,
    },
  ]
  const adjust: Column<Row> = {
    key: 'adjust',
    head: t('adjust.action'),
    headCell: <span className="sr-only">{t('adjust.action')}</span>,
    cell: (row) => (
      <Button
        size="sm"
        onClick={() => setAdjusting(row)}
        aria-label={t('adjust.of', { name: row.automation_name })}
      >
        {t('adjust.action')}
      </Button>
    ),
  }
  return (
    <Card title={t('subscriptions.title')} text={t('user.left', { count: user.tokens_remaining })} flush>
      {user.automations.length === 0 ? (
        <Empty icon="bot" title={t('user.noAutomations')} text={t('user.noAutomationsText')} />
      ) : (
        <Table
          caption={t('subscriptions.title')}
          columns={may.change ? [...columns, adjust] : columns}
          rows={user.automations}
          rowKey={({ id }) => id}
        />
      )}
      {adjusting && <AdjustDialog of={adjusting} onClose={() => setAdjusting(null)} />}
    </Card>
  )
}

const MEANINGS = { failed: 'bad', pending: 'warn', connected: 'good', not_configured: 'plain' } as const

/** How far the service has got with this customer. */
export function SetUp({ status }: { status: string }) {
  const { t } = useTranslation('admin')
  const known = status as keyof typeof MEANINGS
  return <Badge meaning={MEANINGS[known] ?? 'plain'}>{t(`setUp.${known}`)}</Badge>
}
