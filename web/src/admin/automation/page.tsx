import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { call } from '../../api/client.ts'
import { read } from '../../api/query.ts'
import { useTitle } from '../../shell/title.ts'
import { Button } from '../../ui/button.tsx'
import { Card, Note, PageHead } from '../../ui/card.tsx'
import { Copy } from '../../ui/copy.tsx'
import { useForm } from '../../ui/form.ts'
import { Failure, Skeleton, SkeletonRows, settled } from '../../ui/states.tsx'
import { toast } from '../../ui/toast.tsx'
import { isId } from '../kit/ids.ts'
import { NoSuch, One } from '../kit/one.tsx'
import { HealthBadge, SaleBadge, To } from '../kit/people.tsx'
import { useMay } from '../kit/role.ts'
import type { Automation } from './automation.ts'
import { refreshAutomations, useListing } from './change.ts'
import { Delete } from './delete.tsx'
import { ConnectFields, DescribeFields, PriceFields, useCheck } from './fields.tsx'
import { Health } from './health.tsx'
import { ServiceTokens, useTokens } from './tokens.tsx'
import { bodyOf, valuesOf } from './values.ts'

export function Page() {
  const { t } = useTranslation('admin')
  const { id } = useParams({ strict: false }) as { id: string }
  if (!isId(id)) return <NoSuch title={t('automation.one')} text={t('codes.no_such_automation')} />
  return <OneAutomation id={Number(id)} />
}

function OneAutomation({ id }: { id: number }) {
  const { t } = useTranslation('admin')
  const may = useMay()
  const automation = useQuery(read('GET /api/admin/automations/{id}', { path: { id } }))
  // At once, instead of falling into place.
  const stands = settled(useTokens(id).list)
  useTitle(automation.data?.name ?? t('automation.one'))
  return (
    <One query={automation} title={t('automation.one')} skeleton={<AutomationSkeleton />}>
      {(data) =>
        !stands ? (
          <AutomationSkeleton />
        ) : (
          <>
            <Head automation={data} />
            {data.is_listed && !data.is_on_sale && (
              <div className="mb-5">
                <Note meaning="warn">{t('automation.notHealthy')}</Note>
              </div>
            )}
            <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_26rem]">
              <Details key={data.id} automation={data} />
              <div className="grid min-w-0 gap-5">
                <Health automation={data} />
                <ServiceTokens automation={data} />
                {may.change && <Delete automation={data} />}
              </div>
            </div>
          </>
        )
      }
    </One>
  )
}

function Head({ automation }: { automation: Automation }) {
  const { t } = useTranslation('admin')
  const may = useMay()
  const listing = useListing(automation)
  return (
    <PageHead
      title={<span dir="auto">{automation.name}</span>}
      text={
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <HealthBadge health={automation.health_status} />
          <SaleBadge automation={automation} />
          <span className="inline-flex items-center gap-1">
            {t('automation.id')} <Copy text={String(automation.id)} label={t('automation.id')} />
          </span>
          <To to="/admin/subscriptions" search={{ automation: String(automation.id) }}>
            {t('automation.subscribers')}
          </To>
        </span>
      }
      actions={
        may.change && (
          <Button
            look={automation.is_listed ? 'secondary' : 'primary'}
            onClick={() => listing.mutate(!automation.is_listed)}
          >
            {t(automation.is_listed ? 'automation.unlist' : 'automation.list')}
          </Button>
        )
      }
    />
  )
}

function Details({ automation }: { automation: Automation }) {
  const { t } = useTranslation('admin')
  const common = useTranslation().t
  const may = useMay()
  const check = useCheck()
  const form = useForm({
    initial: valuesOf(automation),
    check: (values) => check(values),
    send: (values) =>
      call('PUT /api/admin/automations/{id}', { path: { id: automation.id }, body: bodyOf(values) }),
    done: () => {
      toast(common('saved'))
      void refreshAutomations()
    },
  })
  return (
    <Card title={t('automation.details')} text={t('automation.detailsText')}>
      <form onSubmit={form.submit} noValidate>
        <fieldset disabled={!may.change} className="grid gap-4">
          <DescribeFields form={form} />
          <PriceFields form={form} />
          <ConnectFields form={form} />
        </fieldset>
        {form.failure && <Failure error={form.failure} />}
        {may.change ? (
          <div className="mt-4 flex justify-end">
            <Button type="submit" look="primary" busy={form.sending.isPending}>
              {common('save')}
            </Button>
          </div>
        ) : (
          <p className="mt-4 text-sm text-soft">{t('codes.admin_access_required')}</p>
        )}
      </form>
    </Card>
  )
}

const AutomationSkeleton = () => (
  <>
    <Skeleton className="mb-2 h-8 w-64" />
    <Skeleton className="mb-6 h-7 w-96 max-w-full" />
    <div className="grid gap-5 xl:grid-cols-[minmax(0,1fr)_26rem]">
      <div className="rounded-xl border border-line bg-surface">
        <SkeletonRows rows={9} />
      </div>
      <div className="rounded-xl border border-line bg-surface">
        <SkeletonRows rows={5} />
      </div>
    </div>
  </>
)
