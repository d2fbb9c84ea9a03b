import { useTranslation } from 'react-i18next'
import { Badge } from '../../ui/card.tsx'

/** A step that reads a table, or an index, from end to end; in the words of SQLite and of PostgreSQL. */
const FULL_SCAN = /^\s*(->\s*)?(Parallel )?Seq Scan|^\s*SCAN (?!CONSTANT)/

export const hasFullScan = (plan: readonly string[]) => plan.some((step) => FULL_SCAN.test(step))

/** The steps in the database's own words; those that read a whole table are marked. */
export function PlanSteps({ label, plan }: { label: string; plan: readonly string[] }) {
  const { t } = useTranslation('performance')
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
      tabIndex={0}
      dir="ltr"
      className="overflow-x-auto rounded-lg bg-sunken py-2 text-[0.8125rem]"
    >
      <ol className="min-w-max">
        {plan.map((step, index) => {
          const isScan = FULL_SCAN.test(step)
          return (
            <li
              key={index}
              className={`flex items-center gap-3 border-s-2 px-4 py-0.5 ${isScan ? 'border-bad' : 'border-transparent'}`}
            >
              <code className="whitespace-pre">{step}</code>
              {isScan && <Badge meaning="bad">{t('slow.fullScan')}</Badge>}
            </li>
          )
        })}
      </ol>
    </section>
  )
}
