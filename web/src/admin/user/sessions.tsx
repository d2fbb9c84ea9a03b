import { useTranslation } from 'react-i18next'
import { Card } from '../../ui/card.tsx'
import { Empty } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import type { User } from './user.ts'

/** Where they are signed in. Deactivating the account ends them all. */
export function Sessions({ user }: { user: User }) {
  const { t } = useTranslation('admin')
  if (user.sessions.length === 0) {
    return (
      <Card title={t('user.sessions')}>
        <Empty icon="laptop" title={t('user.noSessions')} />
      </Card>
    )
  }
  return (
    <Card title={t('user.sessions')}>
      <ul className="grid gap-3">
        {user.sessions.map(({ id, ip, user_agent, last_used_at }) => (
          <li key={id} className="grid border-b border-line pb-3 last:border-b-0 last:pb-0">
            <span className="truncate" dir="ltr" title={user_agent ?? ''}>
              {deviceOf(user_agent) ?? t('user.unknownDevice')}
            </span>
            <span className="flex flex-wrap justify-between gap-x-3 text-sm text-soft">
              <code>{ip ?? '–'}</code>
              <Time at={last_used_at} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  )
}

const BROWSERS = ['Edg', 'OPR', 'Firefox', 'Chrome', 'Safari', 'curl']
const SYSTEMS = ['Windows', 'iPhone', 'iPad', 'Android', 'Mac OS', 'Linux']
const NAMES: Record<string, string> = { Edg: 'Edge', OPR: 'Opera', 'Mac OS': 'macOS' }

/** `Firefox, Windows`; else what the browser calls itself. */
function deviceOf(userAgent: string | null) {
  if (!userAgent) return null
  const parts = [BROWSERS, SYSTEMS].map((known) => known.find((word) => userAgent.includes(word)))
  const found = parts.filter((word) => word !== undefined).map((word) => NAMES[word] ?? word)
  return found.length > 0 ? found.join(', ') : userAgent
}
