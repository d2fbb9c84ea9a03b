import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { read } from '../../api/query.ts'
import { money, num } from '../../i18n/format.ts'
import { Card } from '../../ui/card.tsx'
import { useLabels } from '../labels.ts'
import type { Offer, Subscription } from './types.ts'

const EXAMPLES = [10, 100, 1_000]
const WEEK = 7

/** What a token costs, what that means for amounts one can imagine, and for this customer's own week. */
export function Price({ automation, mine }: { automation: Offer; mine: Subscription | undefined }) {
  const { t } = useTranslation('panel')
  const common = useTranslation().t
  const labels = useLabels()
  const { price_per_token: price, currency, demo_tokens, pricing_type } = automation
  const days = useQuery({
    ...read('GET /api/user/usage/days', { query: { user_automation_id: mine?.id ?? 0 } }),
    enabled: mine !== undefined,
  })
  const used = days.data?.days.slice(-WEEK).reduce((sum, { tokens }) => sum + tokens, 0) ?? 0
  return (
    <Card title={t('one.price')}>
      <p>{t('one.priceText', { price: money(price, currency) })}</p>
      <p className="text-soft">{labels.pricingText(pricing_type)}</p>
      {demo_tokens > 0 && (
        <p className="text-soft">
          {t('one.demoCovers', { tokens: common('tokens', { count: demo_tokens }) })}
        </p>
      )}
      <h3 className="mt-4 mb-1 text-sm font-medium text-soft">{t('one.examples')}</h3>
      <dl className="grid max-w-sm">
        {EXAMPLES.map((count) => (
          <div key={count} className="flex justify-between gap-4 border-b border-line py-1.5 last:border-b-0">
            <dt>{common('tokens', { count })}</dt>
            <dd className="font-medium tabular-nums">{money(count * price, currency)}</dd>
          </div>
        ))}
      </dl>
      {used > 0 && (
        <p className="mt-3">
          {t('one.exampleLasts', { price: money(used * price, currency), tokens: num(used) })}
        </p>
      )}
    </Card>
  )
}
