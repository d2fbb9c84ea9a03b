import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { call } from '../../api/client.ts'
import { read, refresh } from '../../api/query.ts'
import type { Api } from '../../api/schema.ts'
import { signedOutEverywhere } from '../../api/session.ts'
import { Button } from '../../ui/button.tsx'
import { Badge, Card } from '../../ui/card.tsx'
import { Icon } from '../../ui/icons.tsx'
import { later } from '../../ui/later.tsx'
import { Failure, Loaded } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { toast } from '../../ui/toast.tsx'
import { deviceOf, isNear } from './device.ts'

const Confirm = later(() => import('../../ui/dialog.tsx').then((module) => module.Confirm))

type Session = Api['GET /api/auth/sessions']['reply'][number]

/** Everywhere that somebody is signed in as this user, and an end to each. */
export function Sessions() {
  const { t } = useTranslation('panel')
  const sessions = useQuery({ ...read('GET /api/auth/sessions'), refetchInterval: 30_000 })
  const [asking, setAsking] = useState(false)
  const endingAll = useMutation({
    mutationFn: () => call('POST /api/auth/logout-all'),
    onSuccess: signedOutEverywhere,
  })
  return (
    <Card
      title={t('settings.sessions')}
      text={t('settings.sessionsText')}
      actions={
        <Button size="sm" onClick={() => setAsking(true)}>
          {t('settings.endAll')}
        </Button>
      }
    >
      <Loaded query={sessions}>
        {(all) => (
          <ul className="grid gap-4">
            {all.map((session) => (
              <One key={session.id} session={session} />
            ))}
          </ul>
        )}
      </Loaded>
      {asking && (
        <Confirm
          open
          onClose={() => setAsking(false)}
          title={t('settings.endAll')}
          text={t('settings.endAllText')}
          action={t('settings.endAll')}
          busy={endingAll.isPending}
          failure={endingAll.error && <Failure error={endingAll.error} />}
          onConfirm={() => endingAll.mutate()}
        />
      )}
    </Card>
  )
}

function One({ session }: { session: Session }) {
  const { t } = useTranslation('panel')
  const { browser, system, isPhone } = deviceOf(session.user_agent)
  const known = browser && system ? t('settings.device', { browser, system }) : (browser ?? system)
  const device = known ?? t('settings.unknownDevice')
  const ending = useMutation({
    mutationFn: () => call('DELETE /api/auth/sessions/{id}', { path: { id: session.id } }),
    onSuccess: () => toast(t('settings.ended')),
    onSettled: () => refresh('GET /api/auth/sessions'),
  })
  return (
    <li className="flex items-start gap-3">
      <Icon name={isPhone ? 'phone' : 'laptop'} size={22} className="mt-0.5 text-soft" />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          <span title={session.user_agent ?? undefined}>{device}</span>
          {session.current && <Badge meaning="good">{t('settings.thisOne')}</Badge>}
        </p>
        <p className="text-sm text-soft">
          {session.ip && (
            <>
              {t('settings.from', { place: isNear(session.ip) ? t('settings.local') : '' })}{' '}
              <code className="text-xs">{session.ip}</code> ·{' '}
            </>
          )}
          {t('settings.lastUsed')} <Time at={session.last_used_at} /> · {t('settings.began')}{' '}
          <Time at={session.created_at} />
        </p>
        {ending.error && <Failure error={ending.error} />}
      </div>
      {!session.current && (
        <Button
          size="sm"
          aria-label={t('settings.endNamed', { device })}
          busy={ending.isPending}
          onClick={() => ending.mutate()}
        >
          {t('settings.end')}
        </Button>
      )}
    </li>
  )
}
