import { Database } from 'bun:sqlite'
import { join } from 'node:path'
import { SQL } from 'bun'
import { environment, type Setting, zimmer } from '../processes.ts'
import type { Seed } from './seed.ts'
import type { Spender } from './spender.ts'

/** What the database holds against what the spender was told; all empty when it is well. */
export interface Findings {
  /** Acknowledged, and not in `token_usage` or there as something else. */
  lost: string[]
  /** Spent twice under one key, or answered in two ways. */
  doubled: string[]
  /** Rows that nobody asked for, balances that don't add up, what `zimmer audit` says. */
  wrong: string[]
}

interface UsageRow {
  id: number
  subscription: number
  tokens: number
  key: string
}

interface Contents {
  usage: UsageRow[]
  remaining: { subscription: number; tokens: number }[]
}

const USAGE = `select id, user_automation_id as subscription, tokens, idempotency_key as key from token_usage`
const REMAINING = `select user_automation_id as subscription, cast(sum(remaining) as bigint) as tokens
  from lots group by user_automation_id`

async function contentsOf({ dataDir, databaseUrl }: Setting): Promise<Contents> {
  if (!databaseUrl) {
    const database = new Database(join(dataDir, 'zimmer.db'), { readonly: true })
    try {
      return { usage: database.query(USAGE).all(), remaining: database.query(REMAINING).all() } as Contents
    } finally {
      database.close()
    }
  }
  const sql = new SQL({ url: databaseUrl, max: 1 })
  try {
    const whole = (row: Record<string, string>) => ({
      ...row,
      id: Number(row.id),
      subscription: Number(row.subscription),
      tokens: Number(row.tokens),
    })
    const [usage, remaining] = [await sql.unsafe(USAGE), await sql.unsafe(REMAINING)]
    return { usage: usage.map(whole), remaining: remaining.map(whole) } as Contents
  } finally {
    await sql.close()
  }
}

/** To be called while nothing is being spent, with the server ready or stopped. */
export async function check(setting: Setting, seed: Seed, spender: Spender): Promise<Findings> {
  const { usage, remaining } = await contentsOf(setting)
  const findings: Findings = { lost: [], doubled: [...spender.contradictions], wrong: [] }
  const byKey = new Map<string, UsageRow>()
  const spent = new Map<number, number>()
  for (const row of usage) {
    const fate = spender.fates.get(row.key)
    if (byKey.has(row.key)) findings.doubled.push(`${row.key} is there twice`)
    byKey.set(row.key, row)
    spent.set(row.subscription, (spent.get(row.subscription) ?? 0) + row.tokens)
    if (!fate) findings.wrong.push(`usage ${row.id} has a key that nobody sent`)
    else if (fate.state === 'declined') findings.wrong.push(`usage ${row.id} was declined, and is there`)
    else if (fate.units !== row.tokens || fate.subscription !== row.subscription) {
      findings.wrong.push(`usage ${row.id} is not what was asked for`)
    }
  }
  for (const fate of spender.fates.values()) {
    if (fate.state !== 'acknowledged') continue
    if (byKey.get(fate.key)?.id !== fate.usageId) findings.lost.push(fate.key)
  }
  const left = new Map(remaining.map(({ subscription, tokens }) => [subscription, tokens]))
  for (const [subscription, granted] of seed.granted) {
    const expected = granted - (spent.get(subscription) ?? 0)
    const found = left.get(subscription) ?? 0
    if (found !== expected || found < 0) {
      findings.wrong.push(`subscription ${subscription} has ${found} left instead of ${expected}`)
    }
  }
  findings.wrong.push(...audit(setting))
  return findings
}

/** `zimmer audit`, as an operator would run it. */
function audit(setting: Setting): string[] {
  const run = Bun.spawnSync([zimmer, 'audit', '--json'], { env: environment(setting) })
  return run.exitCode === 0 ? [] : [`zimmer audit (exit ${run.exitCode}): ${run.stdout}${run.stderr}`]
}

export const isClean = ({ lost, doubled, wrong }: Findings) =>
  lost.length + doubled.length + wrong.length === 0
