import type { Api } from '../../api/schema.ts'
import { latin } from '../../ui/digits.ts'
import type { Automation } from './automation.ts'

type Body = Api['POST /api/admin/automations']['body']
type Pricing = Body['pricing_type']

export const PRICINGS: readonly Pricing[] = ['token_per_session', 'token_per_step', 'flat_fee']

/** As they stand in the fields: text, the price in whole units of its currency. */
export const NEW = {
  name: '',
  description: '',
  pricing_type: 'token_per_session' as string,
  price_per_token: '0.05',
  currency: 'USD',
  demo_tokens: '5',
  provision_url: '',
  health_check_url: '',
  dashboard_url: '',
}
export type Values = typeof NEW

/** How many decimals a currency has; 2 for one that nobody knows. */
function digitsOf(currency: string) {
  try {
    const format = new Intl.NumberFormat('en', { style: 'currency', currency })
    return format.resolvedOptions().maximumFractionDigits ?? 2
  } catch {
    return 2
  }
}

/** 0.05 USD are 5 minor units; NaN for what is no price. Digits are moved, not multiplied: 0.29 has to be 29. */
export function minorOf(text: string, currency: string): number {
  const digits = digitsOf(currency)
  const found = /^(\d{0,10})(?:\.(\d*))?$/.exec(latin(text))
  const [whole, decimals] = [found?.[1] ?? '', found?.[2] ?? '']
  if ((whole === '' && decimals === '') || decimals.length > digits) return Number.NaN
  const minor = Number(whole + decimals.padEnd(digits, '0'))
  return minor <= 1_000_000_000 ? minor : Number.NaN
}

const majorOf = (minor: number, currency: string) => {
  const digits = digitsOf(currency)
  return (minor / 10 ** digits).toFixed(digits)
}

export const valuesOf = (automation: Automation): Values => ({
  name: automation.name,
  description: automation.description,
  pricing_type: automation.pricing_type,
  price_per_token: majorOf(automation.price_per_token, automation.currency),
  currency: automation.currency,
  demo_tokens: String(automation.demo_tokens),
  provision_url: automation.provision_url ?? '',
  health_check_url: automation.health_check_url ?? '',
  dashboard_url: automation.dashboard_url ?? '',
})

const urlOf = (text: string) => text.trim() || null

export const bodyOf = (values: Values): Body => ({
  name: values.name.trim(),
  description: values.description.trim(),
  pricing_type: values.pricing_type as Pricing,
  price_per_token: minorOf(values.price_per_token, values.currency),
  currency: values.currency.trim().toUpperCase(),
  demo_tokens: Number(latin(values.demo_tokens)),
  provision_url: urlOf(values.provision_url),
  health_check_url: urlOf(values.health_check_url),
  dashboard_url: urlOf(values.dashboard_url),
})

const isUrl = (text: string) =>
  text.trim() === '' || (/^https?:\/\//i.test(text.trim()) && URL.canParse(text.trim()))

export type Mistake = 'required' | 'priceWrong' | 'currencyWrong' | 'demoWrong' | 'urlWrong'

/** What can be seen to be wrong, by field. */
export function mistakesIn(values: Values): Partial<Record<keyof Values, Mistake>> {
  const demo = latin(values.demo_tokens)
  const urls = (['provision_url', 'health_check_url', 'dashboard_url'] as const).filter(
    (field) => !isUrl(values[field]),
  )
  return {
    ...(values.name.trim() ? {} : { name: 'required' }),
    ...(Number.isNaN(minorOf(values.price_per_token, values.currency))
      ? { price_per_token: 'priceWrong' }
      : {}),
    ...(/^[a-z]{3}$/i.test(values.currency.trim()) ? {} : { currency: 'currencyWrong' }),
    ...(/^\d{1,7}$/.test(demo) && Number(demo) <= 1_000_000 ? {} : { demo_tokens: 'demoWrong' }),
    ...Object.fromEntries(urls.map((field) => [field, 'urlWrong'])),
  }
}
