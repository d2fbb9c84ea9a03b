import { useTranslation } from 'react-i18next'
import { CodeBlock } from '../../ui/copy.tsx'
import { Confirm } from '../../ui/dialog.tsx'
import { Failure } from '../../ui/states.tsx'
import type { Tuning } from './tuning.ts'

/** The question before a change of the database, and before taking one back: a word has to be typed. */
export function Ask({ tuning: { asking, ask, applying, undoing, isNothingToUndo } }: { tuning: Tuning }) {
  const { t } = useTranslation('performance')
  if (asking === null) return null
  if (asking === 'undo') {
    const failure = isNothingToUndo ? (
      <p role="alert">{t('findings.nothingToUndo')}</p>
    ) : (
      undoing.error && <Failure error={undoing.error} />
    )
    return (
      <Confirm
        open
        onClose={() => ask(null)}
        title={t('findings.undoConfirm')}
        text={t('findings.undoText')}
        action={t('findings.undo')}
        word={t('findings.undoWord')}
        busy={undoing.isPending}
        failure={failure}
        onConfirm={() => undoing.mutate()}
      />
    )
  }
  return (
    <Confirm
      open
      onClose={() => ask(null)}
      title={t('findings.confirm')}
      text={t('findings.confirmText')}
      action={t('findings.apply')}
      word={t('findings.word')}
      busy={applying.isPending}
      failure={
        <>
          <CodeBlock text={asking.sql.join(';\n')} label={t('findings.sql')} />
          {applying.error && <Failure error={applying.error} />}
        </>
      }
      onConfirm={() => applying.mutate(asking.id)}
    />
  )
}
