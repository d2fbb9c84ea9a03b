import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { download } from '../../api/client.ts'
import { read } from '../../api/query.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { DayInput } from '../../ui/day-input.tsx'
import { Failure } from '../../ui/states.tsx'
import { CsvButton } from '../kit/download.tsx'
import { SearchFilter } from '../kit/filters.tsx'

const DAY_MS = 86_400_000
const MOST_DAYS = 366
const dayText = (at: number) => new Date(at).toISOString().slice(0, 10)

/** All that one customer used in a time, as a file. */
export function Export() {
  const { t } = useTranslation('admin')
  const [chosen, setChosen] = useState<{ id: number; name: string } | null>(null)
  const [from, setFrom] = useState(dayText(Date.now() - 29 * DAY_MS))
  const [to, setTo] = useState(dayText(Date.now()))
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1
  const isRange = days >= 1 && days <= MOST_DAYS
  return (
    <Card title={t('usage.export')} text={t('usage.exportText')}>
      {chosen ? (
        <div className="grid items-start gap-4 sm:grid-cols-[1fr_1fr_1fr_auto]">
          <div className="grid gap-1">
            <span className="text-sm font-medium">{t('usage.chosen')}</span>
            <span className="flex min-h-10 flex-wrap items-center gap-2">
              <strong className="font-semibold" dir="auto">
                {chosen.name}
              </strong>
              <Button size="sm" look="quiet" onClick={() => setChosen(null)}>
                {t('usage.other')}
              </Button>
            </span>
          </div>
          <DayInput
            label={t('usage.from')}
            value={from}
            max={to}
            onChange={setFrom}
            {...(isRange ? {} : { error: t('usage.wrongRange') })}
          />
          <DayInput label={t('usage.to')} value={to} onChange={setTo} />
          <span className="sm:mt-7">
            {isRange && (
              <CsvButton
                fetch={() =>
                  download('GET /api/admin/usage/export', { query: { user_id: chosen.id, from, to } })
                }
              />
            )}
          </span>
        </div>
      ) : (
        <FindCustomer onChoose={setChosen} />
      )}
    </Card>
  )
}

function FindCustomer({ onChoose }: { onChoose: (user: { id: number; name: string }) => void }) {
  const { t } = useTranslation('admin')
  const [search, setSearch] = useState('')
  const wanted = search.trim()
  const found = useQuery({
    ...read('GET /api/admin/users', { query: { search: wanted, role: 'customer', limit: 6 } }),
    enabled: wanted !== '',
  })
  return (
    <div className="grid gap-3">
      <SearchFilter label={t('usage.find')} value={search} onChange={setSearch} />
      {found.isError && <Failure error={found.error} onRetry={() => void found.refetch()} />}
      <p role="status" className="sr-only">
        {wanted && found.data ? t('usage.found', { count: found.data.total_count }) : ''}
      </p>
      {wanted && found.data?.users.length === 0 && <p className="text-soft">{t('users.noneFiltered')}</p>}
      {wanted && (
        <ul className="flex flex-wrap gap-2">
          {found.data?.users.map(({ id, name, email }) => (
            <li key={id} className="max-w-full">
              <Button size="sm" className="max-w-full" onClick={() => onChoose({ id, name })}>
                <bdi className="truncate">{name}</bdi>
                <bdi className="truncate font-normal text-soft">{email}</bdi>
              </Button>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
