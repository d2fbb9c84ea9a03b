import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { call } from '../../api/client.ts'
import { refresh } from '../../api/query.ts'
import type { Api } from '../../api/schema.ts'
import { Button } from '../../ui/button.tsx'
import { Badge, Card } from '../../ui/card.tsx'
import { Confirm } from '../../ui/dialog.tsx'
import { Select } from '../../ui/field.tsx'
import { Empty, Failure, SkeletonRows } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { toast } from '../../ui/toast.tsx'
import { usePages } from '../kit/pages.ts'
import { useMay } from '../kit/role.ts'
import type { Automation } from './automation.ts'
import { NewTokenDialog } from './new-token.tsx'

type Token = Api['GET /api/admin/automations/{id}/service-tokens']['reply']['service_tokens'][number]

export const refreshTokens = () =>
  refresh('GET /api/admin/automations/{id}/service-tokens', 'GET /api/admin/audit')

export function useGenerate(id: number, done: (token: string) => void) {
  return useMutation({
    mutationFn: () =>
      call('POST /api/admin/automations/{id}/generate-service-token', { path: { id }, body: {} }),
    onSettled: refreshTokens,
    onSuccess: ({ service_token }) => done(service_token),
  })
}

export const useTokens = (id: number) =>
  usePages(
    'GET /api/admin/automations/{id}/service-tokens',
    { path: { id } },
    ({ service_tokens }) => service_tokens,
    20,
  )

/** The keys of an automation's service: more, other ones, fewer. A token itself is shown once. */
export function ServiceTokens({ automation }: { automation: Automation }) {
  const { t } = useTranslation('admin')
  const common = useTranslation().t
  const may = useMay()
  const [shown, setShown] = useState<string | null>(null)
  const [rotating, setRotating] = useState(false)
  const generate = useGenerate(automation.id, setShown)
  const { list, rows } = useTokens(automation.id)
  const hasLive = rows?.some(({ is_live }) => is_live)
  const actions = may.change && (
    <>
      {hasLive && (
        <Button size="sm" onClick={() => setRotating(true)}>
          {t('serviceTokens.rotate')}
        </Button>
      )}
      <Button size="sm" icon="plus" busy={generate.isPending} onClick={() => generate.mutate()}>
        {t('serviceTokens.generate')}
      </Button>
    </>
  )
  return (
    <Card title={t('serviceTokens.title')} text={t('serviceTokens.text')} actions={actions}>
      {generate.isError && <Failure error={generate.error} />}
      {rows === undefined && list.isError && (
        <Failure error={list.error} onRetry={() => void list.refetch()} />
      )}
      {rows === undefined && !list.isError && <SkeletonRows rows={2} />}
      {rows?.length === 0 && (
        <Empty icon="plug" title={t('serviceTokens.none')} text={t('serviceTokens.noneText')} />
      )}
      <ul className="grid gap-3">
        {rows?.map((token) => (
          <Row key={token.id} automationId={automation.id} token={token} />
        ))}
      </ul>
      {list.hasNextPage && (
        <Button size="sm" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {common('more')}
        </Button>
      )}
      {rotating && <Rotate automation={automation} onClose={() => setRotating(false)} onToken={setShown} />}
      {shown && <NewTokenDialog token={shown} onClose={() => setShown(null)} />}
    </Card>
  )
}

function Row({ automationId, token }: { automationId: number; token: Token }) {
  const { t } = useTranslation('admin')
  const may = useMay()
  const [asking, setAsking] = useState(false)
  const revoke = useMutation({
    mutationFn: () =>
      call('DELETE /api/admin/automations/{id}/service-tokens/{tokenId}', {
        path: { id: automationId, tokenId: token.id },
      }),
    onSettled: refreshTokens,
    onSuccess: () => {
      toast(t('serviceTokens.revoked'))
      setAsking(false)
    },
  })
  const { prefix } = token
  return (
    <li className="flex flex-wrap items-center justify-between gap-2 border-b border-line pb-3 last:border-b-0 last:pb-0">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-2">
          <code>{prefix}…</code>
          <TokenState token={token} />
        </p>
        <p className="text-sm text-soft">
          {t('serviceTokens.created')} <Time at={token.created_at} /> · {t('serviceTokens.used')}{' '}
          {token.last_used_at ? <Time at={token.last_used_at} /> : t('never')}
        </p>
      </div>
      {may.change && token.is_live && (
        <Button
          size="sm"
          aria-label={t('serviceTokens.revokeOf', { prefix })}
          onClick={() => setAsking(true)}
        >
          {t('serviceTokens.revoke')}
        </Button>
      )}
      {asking && (
        <Confirm
          open
          onClose={() => setAsking(false)}
          title={t('serviceTokens.revokeTitle', { prefix })}
          text={t('serviceTokens.revokeText')}
          action={t('serviceTokens.revoke')}
          word={prefix}
          busy={revoke.isPending}
          failure={revoke.isError && <Failure error={revoke.error} />}
          onConfirm={() => revoke.mutate()}
        />
      )}
    </li>
  )
}

function TokenState({ token: { is_live, expires_at } }: { token: Token }) {
  const { t } = useTranslation('admin')
  if (!is_live) return <Badge>{t('serviceTokens.ended')}</Badge>
  if (!expires_at) return <Badge meaning="good">{t('serviceTokens.live')}</Badge>
  return (
    <span className="inline-flex items-center gap-2">
      <Badge meaning="warn">{t('serviceTokens.ending')}</Badge>
      <span className="text-sm text-soft">
        <Time at={expires_at} absolute />
      </span>
    </span>
  )
}

const OVERLAPS = ['0', '3600', '86400', '604800'] as const

interface RotateProps {
  automation: Automation
  onClose: () => void
  onToken: (token: string) => void
}

/** Without an overlap the service stops at once: then it is typed, too. */
function Rotate({ automation: { id, name }, onClose, onToken }: RotateProps) {
  const { t } = useTranslation('admin')
  const [overlap, setOverlap] = useState<string>('86400')
  const rotating = useMutation({
    mutationFn: () =>
      call('POST /api/admin/automations/{id}/rotate-token', {
        path: { id },
        body: { overlap_seconds: Number(overlap) },
      }),
    onSettled: refreshTokens,
    onSuccess: ({ service_token }) => {
      onClose()
      onToken(service_token)
    },
  })
  return (
    <Confirm
      open
      onClose={onClose}
      title={t('serviceTokens.rotateTitle')}
      text={t('serviceTokens.rotateText')}
      action={t('serviceTokens.rotate')}
      {...(overlap === '0' ? { word: name } : {})}
      busy={rotating.isPending}
      failure={rotating.isError && <Failure error={rotating.error} />}
      onConfirm={() => rotating.mutate()}
    >
      <Select
        label={t('serviceTokens.overlap')}
        value={overlap}
        onChange={setOverlap}
        options={OVERLAPS.map((value) => ({ value, label: t(`serviceTokens.overlaps.s${value}`) }))}
      />
    </Confirm>
  )
}
