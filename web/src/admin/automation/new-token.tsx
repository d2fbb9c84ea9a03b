import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/button.tsx'
import { CodeBlock } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/dialog.tsx'

/** A service token, for the only time that it can be seen, and the call that it is for. */
export function NewToken({ token }: { token: string }) {
  const { t } = useTranslation('admin')
  const example = [
    `curl -X POST ${location.origin}/api/automation-usage/consume \\`,
    `  -H 'X-Zimmer-Service-Token: ${token}' \\`,
    "  -H 'Content-Type: application/json' -H 'Idempotency-Key: a-key-of-yours' \\",
    `  -d '{"user_automation_id": 1, "units": 1, "usage_type": "summary"}'`,
  ].join('\n')
  return (
    <div className="grid gap-4">
      <CodeBlock text={token} label={t('serviceTokens.shownName')} />
      <div>
        <p className="mb-2 text-sm text-soft">{t('serviceTokens.howTo')}</p>
        <CodeBlock text={example} label={t('serviceTokens.howTo')} />
      </div>
    </div>
  )
}

export function NewTokenDialog({ token, onClose }: { token: string; onClose: () => void }) {
  const { t } = useTranslation('admin')
  return (
    <Dialog
      open
      onClose={onClose}
      wide
      title={t('serviceTokens.shownTitle')}
      text={t('serviceTokens.shownText')}
    >
      <NewToken token={token} />
      <div className="mt-4 flex justify-end">
        <Button look="primary" onClick={onClose}>
          {t('serviceTokens.kept')}
        </Button>
      </div>
    </Dialog>
  )
}
