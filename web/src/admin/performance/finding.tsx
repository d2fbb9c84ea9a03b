import { useTranslation } from 'react-i18next'
import { bytes } from '../../i18n/format.ts'
import { Button } from '../../ui/button.tsx'
import { Badge } from '../../ui/card.tsx'
import { CodeBlock } from '../../ui/copy.tsx'
import { type Finding, useNames } from './reading.ts'
import { type Tuning, useRights } from './tuning.ts'

/** One finding: what it is, why it matters, what would be sent, and the button that does it. */
export function FindingItem({ finding, tuning }: { finding: Finding; tuning: Tuning }) {
  const { t } = useTranslation('performance')
  const nameOf = useNames()
  const { mayApply } = useRights()
  const { id, level, what, why, advice, evidence, sql, estimated_bytes: size } = finding
  const [kind = id] = id.split(':')
  const canBeApplied = sql.length > 0
  return (
    <article className="grid gap-3 px-5 py-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <Badge meaning={level === 'problem' ? 'bad' : 'warn'}>{t(`findings.${level}`)}</Badge>
        <h3 className="font-semibold">{nameOf('findings.kinds', kind)}</h3>
        <code className="min-w-0 text-[0.8125rem] [overflow-wrap:anywhere] text-soft">{id}</code>
        <div className="ms-auto">
          {canBeApplied && mayApply && (
            <Button
              size="sm"
              look="primary"
              aria-label={t('findings.applyNamed', { id })}
              onClick={() => tuning.ask(finding)}
            >
              {t('findings.apply')}
            </Button>
          )}
        </div>
      </div>
      {/* The database and the doctor speak English. */}
      <div lang="en" dir="ltr" className="grid max-w-prose gap-1 text-start text-sm rtl:text-end">
        <p>{what}</p>
        <p className="text-soft">{why}</p>
        {advice && <p className="text-soft">{advice}</p>}
      </div>
      {canBeApplied && (
        <div className="grid gap-1">
          <CodeBlock text={sql.join(';\n')} label={t('findings.sql')} />
          {size !== null && size > 0 && (
            <p className="text-sm text-soft">{t('findings.takes', { bytes: bytes(size) })}</p>
          )}
        </div>
      )}
      {evidence.length > 0 && (
        <details className="text-sm">
          <summary className="cursor-pointer text-soft">{t('findings.evidence')}</summary>
          <ul lang="en" dir="ltr" className="mt-2 grid gap-1 text-start">
            {evidence.map((line) => (
              <li key={line}>
                <code className="text-[0.8125rem] [overflow-wrap:anywhere] whitespace-pre-wrap">{line}</code>
              </li>
            ))}
          </ul>
        </details>
      )}
      {(!canBeApplied || !mayApply) && (
        <p className="text-sm text-soft">{t(canBeApplied ? 'findings.onlyManagers' : 'findings.byHand')}</p>
      )}
    </article>
  )
}
