import { useTranslation } from 'react-i18next'
import type { Api } from '../../api/schema.ts'
import { num } from '../../i18n/format.ts'
import { LinkButton } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Icon } from '../../ui/icons.tsx'

interface FirstStepsProps {
  dashboard: Api['GET /api/user/dashboard']['reply']
  used: boolean
}

/** For a newcomer: what comes next, until the first automation works. */
export function FirstSteps({ dashboard: { automations, total_paid_tokens }, used }: FirstStepsProps) {
  const { t } = useTranslation('panel')
  const [first] = automations
  const steps = [
    { key: 'account', done: true, text: t('start.accountDone') },
    { key: 'add', done: first !== undefined, text: t('start.addText') },
    { key: 'setUp', done: first?.integration_status === 'connected' || used, text: t('start.setUpText') },
    { key: 'try', done: used, text: t('start.tryText') },
    { key: 'more', done: total_paid_tokens > 0, text: t('start.moreText') },
  ] as const
  const next = steps.find(({ done }) => !done)
  return (
    <Card title={t('start.title')} text={t('start.text')}>
      <ol className="grid gap-4">
        {steps.map(({ key, done, text }, index) => (
          <li key={key} className="flex gap-4">
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
              {key === next?.key && key !== 'more' && (
                <div className="mt-2">
                  <LinkButton
                    to={
                      key === 'add'
                        ? '/marketplace'
                        : first
                          ? `/marketplace/${first.automation_id}`
                          : '/automations'
                    }
                    look="primary"
                    size="sm"
                  >
                    {key === 'add' ? t('start.go') : t(`start.${key}`)}
                  </LinkButton>
                </div>
              )}
            </div>
          </li>
        ))}
      </ol>
    </Card>
  )
}
