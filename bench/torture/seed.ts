import { createUser } from '../../src/accounts/accounts.ts'
import { openApp } from '../../src/app.ts'
import { createAutomation, issueServiceToken } from '../../src/catalogue/catalogue.ts'
import { type Config, prepareDataDir, readConfig } from '../../src/config.ts'
import { grant } from '../../src/ledger/ledger.ts'
import { subscribe } from '../../src/subscriptions/subscriptions.ts'

const RICH = 40
/** They run out of tokens within a few rounds: nobody may overspend while the server dies. */
const POOR = 8
const DEMO_TOKENS = 5

export interface Seed {
  serviceToken: string
  /** Tokens granted, by subscription. */
  granted: Map<number, number>
}

export const configOf = (dataDir: string, databaseUrl: string | null): Config =>
  prepareDataDir({ ...readConfig({}, { dataDir, databaseUrl, logLevel: 'warn' }) })

/** One automation and its subscribers, on an empty database, by Zimmer's own verbs. */
export async function seed(config: Config): Promise<Seed> {
  const app = await openApp(config)
  try {
    return await app.write(async (tx) => {
      const { id: automationId } = await createAutomation(tx, {
        name: 'Torture',
        description: 'Spends while the server dies',
        pricingType: 'token_per_session',
        pricePerToken: 1,
        demoTokens: DEMO_TOKENS,
        isListed: true,
      })
      await tx
        .updateTable('automations')
        .set({ health_status: 'healthy' })
        .where('id', '=', automationId)
        .execute()
      const { token } = await issueServiceToken(tx, { automationId, staffId: null })
      const granted = new Map<number, number>()
      for (let nth = 1; nth <= RICH + POOR; nth++) {
        const email = `customer-${nth}@torture.test`
        const user = await createUser(tx, { email, name: 'Customer', passwordHash: null, role: 'customer' })
        const { id } = await subscribe(tx, { userId: user.id, automationId })
        const tokens = nth <= RICH ? 100_000_000 : 500
        await grant(tx, { userAutomationId: id, userId: user.id, kind: 'paid', tokens })
        granted.set(id, tokens + DEMO_TOKENS)
      }
      return { serviceToken: token, granted }
    })
  } finally {
    await app.close()
  }
}
