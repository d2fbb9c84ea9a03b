import type { App } from '../app.ts'
import { dayOf } from '../lib/time.ts'
import type { Job } from '../queue/queue.ts'
import { DIFFERENCES, keepSweep, lastSweep, type Sweep, sweepOn } from './sweep.ts'

export function ledgerJobs(app: App): Job[] {
  const tell = ({ subscriptions, failing }: Sweep) => {
    app.metrics.audited.set(subscriptions)
    app.metrics.wrongSubscriptions.set(failing.length)
  }
  const differences = app.storage.statement<{ id: number; difference: number }>('ledger_sweep', DIFFERENCES)
  return [
    {
      kind: 'ledger.sweep',
      schedule: '* * * * *',
      run: async () => {
        const today = dayOf(app.clock())
        const last = await lastSweep(app.db)
        if (last?.isOver && last.day === today) return tell(last)
        const sweep = await sweepOn(app.db, differences, today)
        await app.write((tx) => keepSweep(tx, sweep))
        tell(sweep)
        const isKnown = last?.isOver === false && last.failing.length === sweep.failing.length
        if (sweep.failing.length > 0 && !isKnown) {
          app.log.error(
            { userAutomations: sweep.failing },
            'the ledger does not add up; zimmer audit tells more',
          )
        }
      },
    },
  ]
}
