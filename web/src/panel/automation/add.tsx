import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { call } from '../../api/client.ts'
import { refresh } from '../../api/query.ts'
import { useSession } from '../../api/session.ts'
import { money } from '../../i18n/format.ts'
import { Button, buttonClass } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Failure } from '../../ui/states.tsx'
import { toast } from '../../ui/toast.tsx'
import { useLabels } from '../labels.ts'
import type { Offer } from './types.ts'

/** Adds the automation, with its demo; a visitor makes an account first and comes back here. */
export function Add({ automation }: { automation: Offer }) {
  const { t } = useTranslation('panel')
  const common = useTranslation().t
  const labels = useLabels()
  const known = useSession().state !== 'anonymous'
  const { id, name, price_per_token, currency, demo_tokens, pricing_type } = automation
  const tokens = common('tokens', { count: demo_tokens })
  const adding = useMutation({
    mutationFn: () => call('POST /api/user/automations', { body: { automation_id: id } }),
    onSuccess: async () => {
      await refresh('GET /api/user/automations/{id}', 'GET /api/user/automations', 'GET /api/user/dashboard')
      toast(t('one.addedNow', { name, tokens }))
    },
  })
  return (
    <Card>
      <p className="text-3xl font-semibold tabular-nums">{money(price_per_token, currency)}</p>
      <p className="text-soft">
        {t('market.perToken')} · {labels.pricing(pricing_type)}
      </p>
      <div className="mt-4 grid">
        {known ? (
          <Button look="primary" busy={adding.isPending} onClick={() => adding.mutate()}>
            {adding.isPending
              ? t('one.adding')
              : demo_tokens > 0
                ? t('one.addDemo', { tokens })
                : t('one.add')}
          </Button>
        ) : (
          <a href={`/signup?next=/marketplace/${id}`} className={buttonClass('primary')}>
            {t('one.signUp')}
          </a>
        )}
      </div>
      {adding.error && <Failure error={adding.error} />}
    </Card>
  )
}
