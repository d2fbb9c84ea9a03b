import type { App } from '../app.ts'
import { EXIT } from '../cli/exit.ts'
import { requireDatabase, withApp } from '../cli/open.ts'
import { counted, grouped, table } from '../cli/table.ts'
import { readConfig } from '../config.ts'
import { AlreadyServingError, lockInstance } from '../storage/instance-lock.ts'
import { type AuditReport, auditLedger } from './audit.ts'
import { consumption } from './consumption.ts'

/** Past this the audit takes more than a second, and says so first. */
const MANY_ROWS = 500_000

/** Proves the ledger's invariant for every subscription. @returns 1 when one fails. */
export async function auditCommand({ json = false }: { json?: boolean }): Promise<number> {
  const config = readConfig()
  await requireDatabase(config)
  const report = await withApp(config, async (app) => {
    const unlock = recoverWhenNobodyServes(app)
    if (!json) await announce(app)
    const made = await auditLedger(app.db)
    unlock()
    return made
  })
  console.log(json ? JSON.stringify(report) : text(report))
  return report.failures.length > 0 ? EXIT.failure : EXIT.well
}

/** After a crash the last consumes are in the journal only: bring them in, unless a server is doing that. */
function recoverWhenNobodyServes(app: App): () => void {
  if (app.storage.dialect !== 'sqlite') return () => {}
  try {
    const unlock = lockInstance(app.config.dataDir)
    consumption(app)
    return unlock
  } catch (error) {
    if (error instanceof AlreadyServingError) return () => {}
    throw error
  }
}

async function announce({ db }: App) {
  const { count } = await db
    .selectFrom('token_usage')
    .select((select) => select.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  if (count >= MANY_ROWS) console.error(`auditing ${grouped(count)} usage rows; this takes some seconds`)
}

function text({ accounts, usageRows, failures }: AuditReport) {
  const size = `${counted(accounts, 'subscription')}, ${counted(usageRows, 'usage row')}`
  if (failures.length === 0) return `The ledger is right: ${size}.`
  const rows = failures.map((failure) => [
    failure.user_automation_id,
    failure.granted,
    failure.used,
    failure.taken,
    failure.remaining,
    failure.difference,
    failure.rolled_up - failure.used,
  ])
  const headings = ['user automation', 'granted', 'used', 'taken', 'remaining', 'off by', 'roll-ups off by']
  const many = `${grouped(failures.length)} of ${counted(accounts, 'subscription')}`
  const verb = failures.length === 1 ? 'does' : 'do'
  return `${table(headings, rows)}\n\n${many} ${verb} not add up; ${counted(usageRows, 'usage row')} were read.`
}
