import type { Tx } from '../storage/storage.ts'
import type { PricingType } from '../storage/tables.ts'

export interface NewAutomation {
  name: string
  description: string
  pricingType: PricingType
  /** Minor units of `currency`. */
  pricePerToken: number
  currency?: string
  demoTokens?: number
  provisionUrl?: string | null
  healthCheckUrl?: string | null
  dashboardUrl?: string | null
  isListed?: boolean
}

export async function createAutomation(_tx: Tx, _automation: NewAutomation): Promise<{ id: number }> {
  throw new Error('being written')
}

/** A service token, shown once: only its SHA-256 is kept. */
export async function issueServiceToken(
  _tx: Tx,
  _options: { automationId: number; scopes?: string[]; staffId: number | null },
): Promise<{ id: number; token: string; prefix: string }> {
  throw new Error('being written')
}
