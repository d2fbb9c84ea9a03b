import { useTranslation } from 'react-i18next'
import { money } from '../../i18n/format.ts'
import { Input, Select, TextArea } from '../../ui/field.tsx'
import type { useForm } from '../../ui/form.ts'
import { type Mistake, minorOf, mistakesIn, PRICINGS, type Values } from './values.ts'

type Form = Pick<ReturnType<typeof useForm<Values, unknown>>, 'values' | 'set' | 'field'>

/** Mistakes in words; of these fields alone, when a step has only them. */
export function useCheck() {
  const { t } = useTranslation('admin')
  const common = useTranslation().t
  const words = (mistake: Mistake) =>
    mistake === 'required' ? common('problem.fields.required') : t(`fields.${mistake}`)
  return (values: Values, of?: readonly (keyof Values)[]) => {
    const found = Object.entries(mistakesIn(values)) as [keyof Values, Mistake][]
    const here = found.filter(([field]) => !of || of.includes(field))
    return Object.fromEntries(here.map(([field, mistake]) => [field, words(mistake)]))
  }
}

export function DescribeFields({ form }: { form: Form }) {
  const { t } = useTranslation('admin')
  return (
    <>
      <Input label={t('fields.name')} maxLength={100} autoComplete="off" {...form.field('name')} />
      <TextArea
        label={t('fields.description')}
        hint={t('fields.descriptionHint')}
        maxLength={5000}
        {...form.field('description')}
      />
    </>
  )
}

export function PriceFields({ form }: { form: Form }) {
  const { t } = useTranslation('admin')
  const { price_per_token, currency, pricing_type } = form.values
  const minor = minorOf(price_per_token, currency)
  return (
    <>
      <Select
        label={t('fields.pricing')}
        value={pricing_type}
        onChange={(next) => form.set({ pricing_type: next })}
        options={PRICINGS.map((value) => ({ value, label: t(`fields.pricings.${value}`) }))}
      />
      <div className="grid items-start gap-4 sm:grid-cols-3">
        <Input
          label={t('fields.price')}
          dir="ltr"
          inputMode="decimal"
          maxLength={16}
          autoComplete="off"
          hint={
            Number.isNaN(minor) ? undefined : t('fields.example', { price: money(minor * 100, currency) })
          }
          {...form.field('price_per_token')}
        />
        <Input
          label={t('fields.currency')}
          dir="ltr"
          maxLength={3}
          autoComplete="off"
          className="uppercase"
          {...form.field('currency')}
        />
        <Input
          label={t('fields.demo')}
          dir="ltr"
          inputMode="numeric"
          maxLength={9}
          autoComplete="off"
          {...form.field('demo_tokens')}
        />
      </div>
    </>
  )
}

export function ConnectFields({ form }: { form: Form }) {
  const { t } = useTranslation('admin')
  const url = { dir: 'ltr', type: 'url', maxLength: 2000, autoComplete: 'off', optional: true } as const
  return (
    <>
      <Input
        label={t('fields.health')}
        hint={t('fields.healthHint')}
        placeholder="https://bot.example.com/health"
        {...url}
        {...form.field('health_check_url')}
      />
      <Input
        label={t('fields.provision')}
        hint={t('fields.provisionHint')}
        placeholder="https://bot.example.com/provision"
        {...url}
        {...form.field('provision_url')}
      />
      <Input
        label={t('fields.dashboard')}
        hint={t('fields.dashboardHint')}
        placeholder="https://bot.example.com"
        {...url}
        {...form.field('dashboard_url')}
      />
    </>
  )
}
