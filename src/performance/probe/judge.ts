import { failureFinding } from './failure-words.ts'
import { endpointFindings } from './judge-server.ts'
import { transportFindings } from './judge-transport.ts'
import type { Finding, Level, ProbeReport } from './report.ts'

const ORDER: Level[] = ['failure', 'finding', 'note']

/** What the figures mean, the dearest first; empty when all is well. It looks at nothing but the report. */
export function judge(report: ProbeReport): Finding[] {
  const found = [
    ...(report.failure ? [failureFinding(report, report.failure)] : []),
    ...transportFindings(report),
    ...endpointFindings(report),
  ]
  return found.sort((a, b) => ORDER.indexOf(a.level) - ORDER.indexOf(b.level) || b.cost - a.cost)
}
