import { useTranslation } from 'react-i18next'
import { call } from '../../api/client.ts'
import { refresh } from '../../api/query.ts'
import { num } from '../../i18n/format.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { PasswordInput } from '../../ui/field.tsx'
import { useForm } from '../../ui/form.ts'
import { Failure } from '../../ui/states.tsx'
import { toast } from '../../ui/toast.tsx'
import type { Offer, Subscription } from './types.ts'

interface HowToProps {
  automation: Offer
  mine: Subscription | undefined
  dashboardUrl: string | null
}

/** From added to used, step by step. */
export function HowTo({ automation, mine, dashboardUrl }: HowToProps) {
  const { t } = useTranslation('panel')
  const steps = [
    t('one.howSteps.setUp'),
    dashboardUrl ? t('one.howSteps.open') : t('one.howSteps.noPage'),
    t('one.howSteps.watch'),
  ]
  const telegram = /telegram|تلگرام/i.test(automation.description) || mine?.has_telegram_bot_token
  return (
    <Card title={t('one.how')}>
      {!mine && <p className="mb-3 text-soft">{t('one.howNot')}</p>}
      <ol className="grid gap-2.5">
        {steps.map((step, index) => (
          <li key={step} className="flex gap-3">
            <span className="inline-flex size-6 shrink-0 items-center justify-center rounded-full bg-accent-soft text-sm font-semibold text-accent-ink">
              {num(index + 1)}
            </span>
            <span>{step}</span>
          </li>
        ))}
      </ol>
      {mine && telegram && <BotToken mine={mine} />}
    </Card>
  )
}

function BotToken({ mine }: { mine: Subscription }) {
  const { t } = useTranslation('panel')
  const common = useTranslation().t
  const form = useForm({
    initial: { telegram_bot_token: '' },
    check: ({ telegram_bot_token: token }) =>
      token.trim() ? {} : { telegram_bot_token: common('problem.fields.required') },
    send: ({ telegram_bot_token }) =>
      call('PUT /api/user/automations/{id}', {
        path: { id: mine.id },
        body: { telegram_bot_token: telegram_bot_token.trim() },
      }),
    done: () => {
      form.set({ telegram_bot_token: '' })
      toast(t('one.botTokenSaved'))
      void refresh('GET /api/user/automations/{id}')
    },
  })
  return (
    <form onSubmit={form.submit} noValidate className="mt-5 grid max-w-md gap-3 border-t border-line pt-4">
      <PasswordInput
        {...form.field('telegram_bot_token')}
        label={t('one.botToken')}
        hint={mine.has_telegram_bot_token ? t('one.botTokenHas') : t('one.botTokenHint')}
        autoComplete="off"
        maxLength={200}
      />
      {form.failure && <Failure error={form.failure} />}
      <div>
        <Button type="submit" busy={form.sending.isPending}>
          {common('save')}
        </Button>
      </div>
    </form>
  )
}
