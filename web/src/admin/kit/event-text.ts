import { useTranslation } from 'react-i18next'
import { num, utcDay } from '../../i18n/format.ts'

type Details = Record<string, unknown>

const text = (value: unknown) => (value === null || value === undefined ? '' : String(value))

/** `user.update` in words; unknown ones as they are. */
export function useActionText() {
  const { t, i18n } = useTranslation('admin')
  return (action: string) => {
    const key = `actions.${action.replaceAll('.', '_')}`
    return i18n.exists(key, { ns: 'admin' }) ? t(key as 'actions.user_update') : action
  }
}

/** A line about something that happened, in the language in use. */
export function useEventText() {
  const { t } = useTranslation('admin')
  const actions = useActionText()
  return (type: string, details: Details): string => {
    const automation = text(details.automation_name)
    const name = text(details.user_name)
    switch (type) {
      case 'sign_up':
        return name ? t('events.joined', { name }) : t('events.signUp')
      case 'subscription':
        return name ? t('events.added', { name, automation }) : t('events.subscription', { automation })
      case 'session':
        return details.revoked_at ? t('events.sessionEnded') : t('events.session')
      case 'adjustment': {
        const delta = num(Number(details.delta_tokens), { signDisplay: 'always' })
        const reason = text(details.reason)
        return name
          ? t('events.adjusted', { delta, name, automation, reason })
          : t('events.adjustment', { delta, automation, reason })
      }
      case 'usage':
        return t('events.usage', {
          count: Number(details.tokens),
          events: num(Number(details.events)),
          day: utcDay(text(details.day)),
        })
      default: {
        const staff = text(details.staff_name) || t('commandLine')
        return t('events.staff', { staff, action: actions(text(details.action)) })
      }
    }
  }
}
