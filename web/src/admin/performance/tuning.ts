import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError, call } from '../../api/client.ts'
import { queryClient, refresh } from '../../api/query.ts'
import { useSession } from '../../api/session.ts'
import { toast } from '../../ui/toast.tsx'
import type { Finding, Outcome } from './reading.ts'

export const EXPLAIN = 'POST /api/admin/performance/slow-queries/{name}/explain'

/** Who may look at plans and findings, and who may change the database. The server decides; this is not to ask in vain. */
export function useRights() {
  const session = useSession()
  const role = 'role' in session ? session.role : 'customer'
  return { mayLook: role === 'manager' || role === 'technical_team', mayApply: role === 'manager' }
}

/** What is read of the database is another after a change. */
async function lookAgain() {
  await Promise.all([
    refresh('GET /api/admin/performance/findings', 'GET /api/admin/performance/slow-queries'),
    queryClient.invalidateQueries({ queryKey: [EXPLAIN] }),
  ])
}

export type Tuning = ReturnType<typeof useTuning>

/** Applying what was suggested, and taking it back; each is asked for first (`asking`), then done. */
export function useTuning() {
  const { t } = useTranslation('performance')
  const [asking, setAsking] = useState<Finding | 'undo' | null>(null)
  const [outcome, setOutcome] = useState<Outcome | null>(null)
  const done = () => {
    setAsking(null)
    void lookAgain()
  }
  const applying = useMutation({
    mutationFn: (id: string) =>
      call('POST /api/admin/performance/findings/{id}/apply', { path: { id }, body: {} }),
    onSuccess: (reply) => {
      setOutcome(reply)
      done()
    },
  })
  const undoing = useMutation({
    mutationFn: () => call('POST /api/admin/performance/undo', { body: {} }),
    onSuccess: ({ steps }) => {
      setOutcome(null)
      toast(t('findings.undone', { count: steps.length }))
      done()
    },
  })
  const ask = (next: Finding | 'undo' | null) => {
    applying.reset()
    undoing.reset()
    setAsking(next)
  }
  const isNothingToUndo = undoing.error instanceof ApiError && undoing.error.code === 'nothing_to_undo'
  return { asking, ask, outcome, applying, undoing, isNothingToUndo }
}

/** The table and the first column of the index that would be made; null for what makes none. */
function indexOf({ sql }: Finding) {
  const made = /create (?:unique )?index.* on "?(\w+)"?[^(]*\(\s*"?(\w+)"?/i.exec(sql[0] ?? '')
  return made ? { table: made[1] ?? '', column: made[2] ?? '' } : null
}

/** Findings that would help a statement: its own, and indexes that begin with a column that it names. */
export function suggestionsFor(findings: readonly Finding[], { name, sql }: { name: string; sql: string }) {
  const names = (word: string) => new RegExp(`\\b${word}\\b`, 'i').test(sql)
  return findings.filter((finding) => {
    if (finding.id === `slow:${name}`) return true
    const index = indexOf(finding)
    return index !== null && names(index.table) && names(index.column)
  })
}
