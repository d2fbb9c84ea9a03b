import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { call } from '../../api/client.ts'
import { foresee } from '../../api/foresee.ts'
import { read, refresh } from '../../api/query.ts'
import type { Api } from '../../api/schema.ts'
import { num } from '../../i18n/format.ts'
import { Button, buttonClass } from '../../ui/button.tsx'
import { Badge, Card, Facts } from '../../ui/card.tsx'
import { Copy } from '../../ui/copy.tsx'
import { Failure } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { toast } from '../../ui/toast.tsx'
import { useLabels } from '../labels.ts'
import { SETUP, STATUS } from '../meanings.ts'
import { safeUrl } from './safe-url.ts'
import type { Offer, Subscription } from './types.ts'

interface MineProps {
  automation: Offer
  mine: Subscription
  dashboardUrl: string | null
}

type Own = Api['GET /api/user/automations/{id}']['reply']

const touched = () =>
  refresh('GET /api/user/automations/{id}', 'GET /api/user/automations', 'GET /api/user/dashboard')

/** The customer's own: what is left, in what state it is, and what can be done with it. */
export function Mine({ automation, mine, dashboardUrl }: MineProps) {
  const { t } = useTranslation('panel')
  const labels = useLabels()
  const { name } = automation
  const open = safeUrl(dashboardUrl)
  return (
    <Card title={t('one.balance')}>
      <p className="text-4xl font-semibold tracking-tight tabular-nums">{num(mine.tokens_remaining)}</p>
      <p className="mb-4 text-soft">
        {t('dashboard.leftNote', { paid: num(mine.paid_tokens), demo: num(mine.demo_tokens) })}
      </p>
      {mine.status !== 'cancelled' && <p className="mb-4 text-sm">{t('one.getMore')}</p>}
      <Facts
        items={[
          {
            label: t('one.state'),
            value: <Badge meaning={STATUS[mine.status] ?? 'plain'}>{labels.status(mine.status)}</Badge>,
          },
          {
            label: t('one.setupState'),
            value: (
              <Badge meaning={SETUP[mine.integration_status] ?? 'plain'}>
                {labels.setup(mine.integration_status)}
              </Badge>
            ),
          },
          ...(mine.provisioned_at
            ? [{ label: t('one.provisionedAt'), value: <Time at={mine.provisioned_at} /> }]
            : []),
          { label: t('one.since'), value: <Time at={mine.created_at} /> },
          {
            label: t('one.subscription'),
            value: <Copy text={String(mine.id)} label={t('one.subscription')} />,
          },
          ...(mine.webhook_url
            ? [{ label: t('one.webhook'), value: <Copy text={mine.webhook_url} label={t('one.webhook')} /> }]
            : []),
        ]}
      />
      {mine.status === 'paused' && <p className="mt-3 text-sm text-soft">{t('one.pausedNote')}</p>}
      <div className="mt-5 grid gap-2">
        {open && (
          <a href={open} target="_blank" rel="noopener noreferrer" className={buttonClass('primary')}>
            {t('one.open', { name })}
          </a>
        )}
        <SetUp mine={mine} />
        <Pause name={name} mine={mine} />
      </div>
    </Card>
  )
}

function SetUp({ mine }: { mine: Subscription }) {
  const { t } = useTranslation('panel')
  const settingUp = useMutation({
    mutationFn: () => call('POST /api/user/automations/{id}/provision', { path: { id: mine.id }, body: {} }),
    onSuccess: ({ message }) => toast(t('one.setUpDone', { message })),
    onSettled: touched,
  })
  if (mine.status !== 'active') return null
  const isReady = mine.integration_status === 'connected'
  return (
    <>
      <Button
        look={isReady ? 'secondary' : 'primary'}
        icon="plug"
        busy={settingUp.isPending}
        onClick={() => settingUp.mutate()}
      >
        {settingUp.isPending ? t('one.settingUp') : isReady ? t('one.setUpAgain') : t('one.setUp')}
      </Button>
      {mine.integration_status === 'failed' && !settingUp.error && (
        <p className="text-sm text-bad">{t('one.failedText')}</p>
      )}
      {settingUp.error && <Failure error={settingUp.error} />}
    </>
  )
}

function Pause({ name, mine }: { name: string; mine: Subscription }) {
  const { t } = useTranslation('panel')
  const changing = useMutation({
    // One after another, so that the last press is what stays.
    scope: { id: `status of ${mine.id}` },
    mutationFn: (status: 'active' | 'paused') =>
      foresee<Own, unknown>(
        read('GET /api/user/automations/{id}', { path: { id: mine.automation_id } }),
        (own) =>
          own.user_automation ? { ...own, user_automation: { ...own.user_automation, status } } : own,
        () => call('PUT /api/user/automations/{id}', { path: { id: mine.id }, body: { status } }),
      ),
    onSettled: touched,
    onSuccess: (_, status) => {
      const back = status === 'active' ? 'paused' : 'active'
      toast(t(status === 'active' ? 'one.resumed' : 'one.paused', { name }), {
        undo: () => changing.mutate(back),
      })
    },
  })
  if (mine.status === 'cancelled') return null
  const next = mine.status === 'active' ? 'paused' : 'active'
  return (
    <>
      <Button icon={next === 'paused' ? 'pause' : 'play'} onClick={() => changing.mutate(next)}>
        {t(next === 'paused' ? 'one.pause' : 'one.resume')}
      </Button>
      {changing.error && <Failure error={changing.error} />}
    </>
  )
}
