import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { read } from '../../api/query.ts'
import type { Api } from '../../api/schema.ts'
import { Card } from '../../ui/card.tsx'
import { Empty, Loaded } from '../../ui/states.tsx'
import { Table } from '../../ui/table.tsx'
import { usageColumns } from '../usage/columns.tsx'

type Totals = Extract<Api['GET /api/user/usage']['reply'], { recent_usage: unknown }>

const LOOK_AGAIN_MS = 15_000

/** The last uses, one by one. */
export function Recent() {
  const { t } = useTranslation('panel')
  const query = useQuery({ ...read('GET /api/user/usage'), refetchInterval: LOOK_AGAIN_MS })
  const all = (
    <Link to="/usage" className="font-medium text-accent-ink underline underline-offset-4">
      {t('dashboard.allUsage')}
    </Link>
  )
  return (
    <Card title={t('dashboard.recent')} actions={all} flush>
      <Loaded query={query}>
        {(data) => {
          const { recent_usage: usage } = data as Totals
          return usage.length > 0 ? (
            <Table
              caption={t('dashboard.recent')}
              columns={usageColumns(t)}
              rows={usage}
              rowKey={({ id }) => id}
            />
          ) : (
            <Empty icon="chart" title={t('dashboard.recentNone')} text={t('dashboard.recentNoneText')} />
          )
        }}
      </Loaded>
    </Card>
  )
}
