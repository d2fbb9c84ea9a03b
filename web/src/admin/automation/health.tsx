import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { call } from '../../api/client.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Failure } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { Pairs } from '../kit/pairs.tsx'
import { HealthBadge } from '../kit/people.tsx'
import { useMay } from '../kit/role.ts'
import type { Automation } from './automation.ts'
import { refreshAutomations } from './change.ts'

export function useHealthCheck(id: number) {
  return useMutation({
    mutationFn: () => call('POST /api/admin/automations/{id}/health-check', { path: { id }, body: {} }),
    onSettled: refreshAutomations,
  })
}

/** What the service answered when it was asked last, and asking it now. */
export function Health({ automation }: { automation: Automation }) {
  const { t } = useTranslation('admin')
  const may = useMay()
  const check = useHealthCheck(automation.id)
  const ask = may.change && automation.health_check_url && (
    <Button size="sm" busy={check.isPending} onClick={() => check.mutate()}>
      {t('health.check')}
    </Button>
  )
  return (
    <Card title={t('health.title')} actions={ask}>
      {check.isPending && (
        <p role="status" className="mb-3 text-soft">
          {t('health.checking')}
        </p>
      )}
      {check.isError && <Failure error={check.error} onRetry={() => check.mutate()} />}
      <HealthFacts automation={automation} />
    </Card>
  )
}

export function HealthFacts({ automation }: { automation: Automation }) {
  const { t } = useTranslation('admin')
  const { health_details: details, last_health_at } = automation
  if (!details || !last_health_at) {
    return <p className="text-soft">{t(automation.health_check_url ? 'health.never' : 'health.noUrl')}</p>
  }
  const { http_status, version, uptime } = details
  return (
    <Pairs
      items={[
        { label: t('automations.health'), value: <HealthBadge health={automation.health_status} /> },
        { label: t('health.says'), value: <span dir="auto">{details.message}</span> },
        ...(http_status === null ? [] : [{ label: t('health.http'), value: <code>{http_status}</code> }]),
        ...(version ? [{ label: t('health.version'), value: <code>{version}</code> }] : []),
        ...(uptime ? [{ label: t('health.uptime'), value: <bdi>{uptime}</bdi> }] : []),
        { label: t('health.at'), value: <Time at={last_health_at} /> },
      ]}
    />
  )
}
