import type { Updateable } from 'kysely'
import { type FieldError, Refusal } from '../lib/refusal.ts'
import type { AutomationsTable, PricingType } from '../storage/tables.ts'

export interface NewAutomation {
  name: string
  description: string
  pricingType: PricingType
  /** Minor units of `currency`. */
  pricePerToken: number
  /** ISO 4217; USD unless given. */
  currency?: string
  /** Given once to each customer who adds it; 5 unless given. */
  demoTokens?: number
  provisionUrl?: string | null
  healthCheckUrl?: string | null
  dashboardUrl?: string | null
  /** Whether staff want it sold; it is while it is healthy as well. True unless given. */
  isListed?: boolean
}

const CURRENCIES = new Set(Intl.supportedValuesOf('currency'))
const URL_FIELDS = ['provision_url', 'health_check_url', 'dashboard_url'] as const

/** What is given, as columns. */
export function columnsOf(given: Partial<NewAutomation>): Updateable<AutomationsTable> {
  const columns: Updateable<AutomationsTable> = {
    name: given.name,
    description: given.description,
    pricing_type: given.pricingType,
    price_per_token: given.pricePerToken,
    currency: given.currency,
    demo_tokens: given.demoTokens,
    provision_url: given.provisionUrl,
    health_check_url: given.healthCheckUrl,
    dashboard_url: given.dashboardUrl,
    is_listed: given.isListed === undefined ? undefined : given.isListed ? 1 : 0,
  }
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined))
}

/** @throws Refusal `invalid_input` (invalid): a URL that is none, an unknown currency. */
export function refuseBadValues(columns: Updateable<AutomationsTable>) {
  const errors: FieldError[] = []
  for (const field of URL_FIELDS) {
    const text = columns[field]
    if (text && !isWebUrl(text)) {
      const message = 'must be an http:// or https:// address without a user or password'
      errors.push({ field, message, code: 'url' })
    }
  }
  if (columns.currency !== undefined && !CURRENCIES.has(columns.currency)) {
    errors.push({ field: 'currency', message: 'must be an ISO 4217 code such as USD', code: 'enum' })
  }
  if (errors.length === 0) return
  const message = errors.map((error) => `${error.field}: ${error.message}`).join('; ')
  throw new Refusal('invalid', 'invalid_input', message, { errors })
}

/** Only its shape: where it leads is looked at each time that it is fetched. */
export function isWebUrl(text: string) {
  // A URL is read without them; kept as text they would be what a database or a log stumbles over.
  if (/\p{Cc}/u.test(text) || !URL.canParse(text)) return false
  const url = new URL(text)
  return /^https?:$/.test(url.protocol) && url.hostname !== '' && !url.username && !url.password
}
