import { useTranslation } from 'react-i18next'
import { Copy } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Time } from '../../ui/time.tsx'
import { useActionText } from '../kit/event-text.ts'
import { Pairs } from '../kit/pairs.tsx'
import type { Entry } from './actions.ts'
import { Target } from './target.tsx'

/** One action in full: what stood there before, and what after. */
export function EntryDialog({ entry, onClose }: { entry: Entry; onClose: () => void }) {
  const { t } = useTranslation('admin')
  const actions = useActionText()
  const staff = entry.staff?.name ?? t('commandLine')
  const { ip, request_id } = entry
  return (
    <Dialog open wide onClose={onClose} title={t('events.staff', { staff, action: actions(entry.action) })}>
      <div className="grid gap-5">
        <Pairs
          items={[
            { label: t('audit.at'), value: <Time at={entry.created_at} absolute /> },
            { label: t('audit.target'), value: <Target entry={entry} /> },
            ...(ip ? [{ label: t('audit.ip'), value: <code>{ip}</code> }] : []),
            ...(request_id
              ? [
                  {
                    label: t('audit.requestId'),
                    value: <Copy text={request_id} label={t('audit.requestId')} />,
                  },
                ]
              : []),
          ]}
        />
        <Diff entry={entry} />
      </div>
    </Dialog>
  )
}

const shown = (value: unknown) =>
  value === undefined || value === null ? '–' : typeof value === 'string' ? value : JSON.stringify(value)

/** Fields side by side; those that differ are marked by a word for screen readers, not by colour alone. */
function Diff({ entry: { before, after } }: { entry: Entry }) {
  const { t } = useTranslation('admin')
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
  if (fields.length === 0) return <p className="text-soft">{t('audit.nothing')}</p>
  const hasBoth = before !== null && after !== null
  const cell = 'px-3 py-2 align-top break-words whitespace-pre-wrap'
  return (
    <table className="w-full table-fixed border-collapse text-start text-sm">
      <caption className="sr-only">{t('audit.changes')}</caption>
      <thead>
        <tr className="border-b border-line text-soft">
          <th scope="col" className={`${cell} w-1/4 text-start font-medium`}>
            {t('audit.field')}
          </th>
          <th scope="col" className={`${cell} text-start font-medium`}>
            {t('audit.before')}
          </th>
          <th scope="col" className={`${cell} text-start font-medium`}>
            {t('audit.after')}
          </th>
        </tr>
      </thead>
      <tbody>
        {fields.map((field) => {
          const [old, now] = [shown(before?.[field]), shown(after?.[field])]
          const differs = hasBoth && old !== now
          return (
            <tr key={field} className="border-b border-line last:border-b-0">
              <th scope="row" className={`${cell} text-start font-medium`}>
                <code>{field}</code>
              </th>
              <td className={`${cell} ${differs ? 'bg-bad-soft text-bad' : ''}`} dir="auto">
                {differs ? <del>{old}</del> : old}
              </td>
              <td className={`${cell} ${differs ? 'bg-good-soft text-good' : ''}`} dir="auto">
                {differs ? <ins className="no-underline">{now}</ins> : now}
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
