import type { Tables } from '../src/storage/tables.ts'
import type { TestZimmer } from './zimmer.ts'

const TABLES: (keyof Tables)[] = [
  'users',
  'sessions',
  'refresh_tokens',
  'automations',
  'service_tokens',
  'user_automations',
  'lots',
  'token_usage',
  'usage_days',
  'usage_totals',
  'adjustments',
  'audit_log',
  'jobs',
  'facts',
]

/** All that the database holds, as text per table: what is equal before and after has not changed. */
export async function contents(zimmer: TestZimmer): Promise<Record<string, string[]>> {
  const all: Record<string, string[]> = {}
  for (const table of TABLES) {
    const rows: Record<string, unknown>[] = await zimmer.app.db.selectFrom(table).selectAll().execute()
    // Noted in passing, whatever comes of the call.
    all[table] = rows.map(({ last_used_at: _, ...row }) => JSON.stringify(row)).sort()
  }
  return all
}
