import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Api } from '../../api/schema.ts'
import { num } from '../../i18n/format.ts'
import { Button, LinkButton } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Icon } from '../../ui/icons.tsx'

interface FirstStepsProps {
  dashboard: Api['GET /api/user/dashboard']['reply']
  /** Whether an automation has ever worked for them. */
  used: boolean
}

/** Once done, or put away, it stays away: whoever has bought may have nothing left of it one day. */
function useDismissed(userId: number): [boolean, () => void] {
  const key = `zimmer.started.${userId}`
  const [dismissed, setDismissed] = useState(() => {
    try {
      return localStorage.getItem(key) !== null
    } catch {
      return false
    }
  })
  const dismiss = () => {
    setDismissed(true)
    try {
      localStorage.setItem(key, 'yes')
    } catch {
      // Not remembered where storage is off.
    }
  }
  return [dismissed, dismiss]
}

/** For a newcomer: what comes next, until an automation was tried and tokens were bought. */
export function FirstSteps({ dashboard, used }: FirstStepsProps) {
  const { t } = useTranslation('panel')
  const { automations, total_paid_tokens: paid, user } = dashboard
  const [dismissed, dismiss] = useDismissed(user.id)
  const [first] = automations
  const isSetUp = automations.some(({ integration_status: state }) => state === 'connected')
  // Its page has the set-up, the way to use it, and how to get more tokens.
  const page = first ? `/marketplace/${first.automation_id}` : '/marketplace'
  const steps = [
    { key: 'account', done: true, text: t('start.accountDone') },
    { key: 'add', done: first !== undefined, text: t('start.addText') },
    { key: 'setUp', done: isSetUp || used, text: t('start.setUpText') },
    { key: 'try', done: used, text: t('start.tryText') },
    { key: 'more', done: paid > 0, text: t('start.moreText') },
  ] as const
  const next = steps.find(({ done }) => !done)
  const isDone = used && paid > 0
  useEffect(() => {
    if (isDone && !dismissed) dismiss()
  })
  if (dismissed || isDone) return null
  return (
    <Card title={t('start.title')} text={t('start.text')}>
      <ol className="grid gap-4">
        {steps.map(({ key, done, text }, index) => (
          <li key={key} className="flex gap-4" aria-current={key === next?.key ? 'step' : undefined}>
            <span
              className={`inline-flex size-8 shrink-0 items-center justify-center rounded-full font-semibold ${done ? 'bg-good-soft text-good' : key === next?.key ? 'bg-accent text-on-accent' : 'bg-sunken text-soft'}`}
            >
              {done ? <Icon name="check" /> : num(index + 1)}
            </span>
            <div className="min-w-0">
              <p className="font-medium">
                {t(`start.${key}`)} {done && <span className="sr-only">({t('start.done')})</span>}
              </p>
              <p className="text-soft">{text}</p>
              {key === next?.key && (
                <div className="mt-2">
                  <LinkButton to={page} look="primary" size="sm">
                    {t(key === 'add' ? 'start.go' : key === 'more' ? 'start.how' : `start.${key}`)}
                  </LinkButton>
                </div>
              )}
            </div>
          </li>
        ))}
      </ol>
      <Button look="quiet" size="sm" className="-ms-3 mt-4" onClick={dismiss}>
        {t('start.dismiss')}
      </Button>
    </Card>
  )
}
