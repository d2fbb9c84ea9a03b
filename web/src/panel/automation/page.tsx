import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { ApiError } from '../../api/client.ts'
import { read } from '../../api/query.ts'
import { useSession } from '../../api/session.ts'
import { useTitle } from '../../shell/title.ts'
import { LinkButton } from '../../ui/button.tsx'
import { Badge, Card, Note, PageHead } from '../../ui/card.tsx'
import { Empty, Failure, Skeleton, settled } from '../../ui/states.tsx'
import { HEALTH } from '../meanings.ts'
import { Add } from './add.tsx'
import { HowTo } from './how-to.tsx'
import { Mine } from './mine.tsx'
import { Price } from './price.tsx'
import type { Offer, Subscription } from './types.ts'
import { UsageOfOne } from './usage.tsx'

const LOOK_AGAIN_MS = 15_000
/** While it is being set up. */
const PENDING_MS = 3_000

/** One automation: what it does and costs, and, once it is added, how it goes with it. */
export function AutomationPage() {
  const { t } = useTranslation('panel')
  const { id } = useParams({ strict: false }) as { id: string }
  const known = useSession().state !== 'anonymous'
  const isId = /^\d{1,15}$/.test(id)
  const path = { id: Number(id) }
  const offer = useQuery({ ...read('GET /api/automations/{id}', { path }), enabled: isId })
  const own = useQuery({
    ...read('GET /api/user/automations/{id}', { path }),
    enabled: isId && known,
    refetchInterval: ({ state }) =>
      state.data?.user_automation?.integration_status === 'pending' ? PENDING_MS : LOOK_AGAIN_MS,
  })
  const automation = own.data?.automation ?? offer.data
  useTitle(automation?.name ?? t('market.title'))
  if (isId && !settled(offer, own)) return <Waiting />
  if (!automation) {
    const failed = [offer, own].find(({ error }) => error && !isGone(error))
    if (failed) return <Failure error={failed.error} onRetry={() => void failed.refetch()} />
    return <Missing />
  }
  return (
    <Found
      automation={automation}
      dashboardUrl={own.data?.automation?.dashboard_url ?? null}
      mine={own.data?.user_automation}
      unknown={own.data === undefined && own.isError && !isGone(own.error) ? own : null}
      onSale={offer.data !== undefined}
    />
  )
}

const isGone = (error: unknown) => error instanceof ApiError && error.status === 404

const Waiting = () => (
  <div className="grid gap-6">
    <Skeleton className="h-9 w-72" />
    <div className="grid gap-6 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
      <Skeleton className="h-96" />
      <Skeleton className="h-72" />
    </div>
  </div>
)

function Missing() {
  const { t } = useTranslation('panel')
  const action = (
    <LinkButton to="/marketplace" look="primary">
      {t('mine.go')}
    </LinkButton>
  )
  return (
    <>
      <PageHead title={t('one.missing')} />
      <Empty icon="shop" title={t('one.missing')} text={t('one.missingText')} action={action} />
    </>
  )
}

interface FoundProps {
  automation: Offer
  dashboardUrl: string | null
  mine: Subscription | undefined
  /** Whether it is theirs could not be read: then it is not offered to be added, either. */
  unknown: { error: unknown; refetch: () => unknown } | null
  onSale: boolean
}

function Found({ automation, dashboardUrl, mine, unknown, onSale }: FoundProps) {
  const { t } = useTranslation('panel')
  const common = useTranslation().t
  const health = automation.health_status
  return (
    <>
      <PageHead
        title={<bdi className="[overflow-wrap:anywhere]">{automation.name}</bdi>}
        actions={<Badge meaning={HEALTH[health] ?? 'plain'}>{common(`health.${health}`)}</Badge>}
      />
      <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <div className="grid min-w-0 gap-6 max-lg:order-2">
          <Card>
            <p className="max-w-prose text-base whitespace-pre-line [overflow-wrap:anywhere]" dir="auto">
              {automation.description}
            </p>
            {mine && !onSale && (
              <div className="mt-4">
                <Note>{t('one.notListed')}</Note>
              </div>
            )}
          </Card>
          <HowTo automation={automation} mine={mine} dashboardUrl={dashboardUrl} />
          {mine && <UsageOfOne id={mine.id} />}
          <Price automation={automation} mine={mine} />
        </div>
        <div className="grid min-w-0 gap-6 max-lg:order-1">
          {mine ? (
            <Mine automation={automation} mine={mine} dashboardUrl={dashboardUrl} />
          ) : unknown ? (
            <Card flush>
              <Failure error={unknown.error} onRetry={() => void unknown.refetch()} />
            </Card>
          ) : (
            <Add automation={automation} />
          )}
        </div>
      </div>
    </>
  )
}
