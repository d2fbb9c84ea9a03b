import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { download } from '../../api/client.ts'
import { read } from '../../api/query.ts'
import { num, utcDay } from '../../i18n/format.ts'
import { useTitle } from '../../shell/title.ts'
import { Button } from '../../ui/button.tsx'
import { PageHead, Stat } from '../../ui/card.tsx'
import { DayInput } from '../../ui/day-input.tsx'
import { Select } from '../../ui/field.tsx'
import { Loaded, Skeleton, SkeletonRows, settled } from '../../ui/states.tsx'
import { toast } from '../../ui/toast.tsx'
import { useUrlState } from '../../ui/url-state.ts'
import { DaysChart } from './days-chart.tsx'
import { Events, useEvents } from './events.tsx'

const RANGES = ['7', '30', '90', '365', 'own'] as const
const DAY_MS = 86_400_000

const dayText = (at: number) => new Date(at).toISOString().slice(0, 10)

/** All usage of any time, as figures, as a chart, one by one, and as a file. */
export function UsagePage() {
  const { t } = useTranslation('panel')
  useTitle(t('usage.title'))
  const [{ range, from, to }, set] = useUrlState({ range: '30', from: '', to: '' })
  const now = Date.now()
  const asked =
    range === 'own'
      ? { ...(from ? { from } : {}), ...(to ? { to } : {}) }
      : { from: dayText(now - (Number(range) - 1) * DAY_MS), to: dayText(now) }
  const days = useQuery({
    ...read('GET /api/user/usage/days', { query: asked }),
    placeholderData: keepPreviousData,
  })
  const events = useEvents(asked)
  return (
    <>
      <PageHead title={t('usage.title')} text={t('usage.text')} actions={<Csv asked={asked} />} />
      <div className="mb-5 flex flex-wrap items-start gap-3">
        <div className="w-full sm:w-48">
          <Select
            label={t('usage.range')}
            value={range}
            onChange={(next) => set({ range: next })}
            options={RANGES.map((value) => ({ value, label: t(`usage.ranges.${value}`) }))}
          />
        </div>
        {range === 'own' && (
          <>
            <div className="w-full sm:w-48">
              <DayInput
                label={t('usage.from')}
                value={from}
                max={dayText(now)}
                onChange={(day) => set({ from: day })}
              />
            </div>
            <div className="w-full sm:w-48">
              <DayInput
                label={t('usage.to')}
                value={to}
                max={dayText(now)}
                onChange={(day) => set({ to: day })}
              />
            </div>
          </>
        )}
        <p className="self-end text-sm text-soft sm:ms-auto">{t('utc')}</p>
      </div>
      <div className="grid gap-6">
        {settled(days, events) ? (
          <>
            <Loaded query={days}>
              {({ days: found }) => (
                <>
                  <Figures days={found} />
                  <DaysChart days={found} />
                </>
              )}
            </Loaded>
            <Events events={events} />
          </>
        ) : (
          <Waiting />
        )}
      </div>
    </>
  )
}

const Waiting = () => (
  <>
    <div className="grid grid-cols-2 gap-3 sm:gap-4 lg:grid-cols-4">
      {[0, 1, 2, 3].map((index) => (
        <Skeleton key={index} className="h-34" />
      ))}
    </div>
    <Skeleton className="h-71.5" />
    <SkeletonRows rows={8} />
  </>
)

function Figures({ days }: { days: readonly { day: string; tokens: number; sessions: number }[] }) {
  const { t } = useTranslation('panel')
  const tokens = days.reduce((sum, one) => sum + one.tokens, 0)
  const uses = days.reduce((sum, one) => sum + one.sessions, 0)
  const busiest = days.reduce((most, one) => (one.tokens > most.tokens ? one : most), {
    day: '',
    tokens: 0,
    sessions: 0,
  })
  return (
    <div className="grid grid-cols-2 gap-3 sm:gap-4 lg:grid-cols-4">
      <Stat label={t('usage.total')} value={num(tokens)} />
      <Stat label={t('usage.uses')} value={num(uses)} />
      <Stat
        label={t('usage.perUse')}
        value={uses > 0 ? num(tokens / uses, { maximumFractionDigits: 1 }) : '–'}
      />
      <Stat
        label={t('usage.busiest')}
        value={busiest.day ? utcDay(busiest.day) : '–'}
        note={busiest.day ? num(busiest.tokens) : null}
      />
    </div>
  )
}

function Csv({ asked }: { asked: { from?: string; to?: string } }) {
  const { t } = useTranslation('panel')
  const common = useTranslation().t
  const making = useMutation({
    mutationFn: () => download('GET /api/user/usage/export', { query: asked }),
    onSuccess: ({ blob, name }) => {
      const link = document.createElement('a')
      link.href = URL.createObjectURL(blob)
      link.download = name
      link.click()
      setTimeout(() => URL.revokeObjectURL(link.href), 1_000)
    },
    onError: () => toast(t('usage.csvFailed'), { meaning: 'bad' }),
  })
  return (
    <Button icon="download" busy={making.isPending} onClick={() => making.mutate()}>
      {common('csv')}
    </Button>
  )
}
