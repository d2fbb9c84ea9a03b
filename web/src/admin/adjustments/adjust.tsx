import { useRef, useState } from 'react'
import { Trans, useTranslation } from 'react-i18next'
import { ApiError, call } from '../../api/client.ts'
import { refresh } from '../../api/query.ts'
import { num } from '../../i18n/format.ts'
import { Button } from '../../ui/button.tsx'
import { Note } from '../../ui/card.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Input, TextArea } from '../../ui/field.tsx'
import { useForm } from '../../ui/form.ts'
import { Failure } from '../../ui/states.tsx'
import { toast } from '../../ui/toast.tsx'
import { latin } from './digits.ts'

/** A subscription whose balance can be changed. */
export interface Adjustable {
  id: number
  automation_name: string
  user_name: string
  tokens_remaining: number
}

const EMPTY = { delta_tokens: '', reason: '', note: '', typed: '' }
type Values = typeof EMPTY

const newKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')

/** Whole and not zero; NaN for anything else. */
function deltaOf(text: string) {
  const typed = latin(text)
  return /^[+-]?\d{1,12}$/.test(typed) && Number(typed) !== 0 ? Number(typed) : Number.NaN
}

/**
 * The same values are sent with the same key however often, so that a repeated attempt adjusts once; other values are
 * another adjustment.
 */
function useKey() {
  const last = useRef({ body: '', key: '' })
  return (body: object) => {
    const text = JSON.stringify(body)
    if (last.current.body !== text) last.current = { body: text, key: newKey() }
    return last.current.key
  }
}

const changed = () =>
  refresh(
    'GET /api/admin/users',
    'GET /api/admin/users/{id}',
    'GET /api/admin/users/{id}/timeline',
    'GET /api/admin/user-automations',
    'GET /api/admin/tokens/history',
    'GET /api/admin/tokens/stats',
    'GET /api/admin/audit',
    'GET /api/admin/dashboard/activity',
  )

function useAdjusting({ id, user_name }: Adjustable, onClose: () => void) {
  const { t } = useTranslation('admin')
  const common = useTranslation().t
  const keyOf = useKey()
  const [sure, setSure] = useState(false)
  const form = useForm({
    initial: EMPTY,
    check: ({ delta_tokens, reason, typed }: Values) => ({
      ...(Number.isNaN(deltaOf(delta_tokens)) ? { delta_tokens: t('adjust.whole') } : {}),
      ...(reason.trim() ? {} : { reason: common('problem.fields.required') }),
      ...(sure && deltaOf(typed) !== deltaOf(delta_tokens) ? { typed: t('adjust.notSame') } : {}),
    }),
    send: async ({ delta_tokens, reason, note }) => {
      if (!sure) return null
      const body = {
        user_automation_id: id,
        delta_tokens: deltaOf(delta_tokens),
        reason: reason.trim(),
        ...(note.trim() ? { note: note.trim() } : {}),
      }
      return call('POST /api/admin/tokens/adjust', { body: { ...body, idempotency_key: keyOf(body) } })
    },
    done: (reply) => {
      if (!reply) return setSure(true)
      const { delta_tokens, balance_after } = reply.adjustment
      const delta = num(delta_tokens, { signDisplay: 'always' })
      toast(t('adjust.done', { delta, name: user_name, after: num(balance_after) }))
      void changed()
      onClose()
    },
  })
  return { form, sure, back: () => setSure(false) }
}

/** Adds tokens to a balance or takes some: first what and why, then the number once more. */
export function AdjustDialog({ of, onClose }: { of: Adjustable; onClose: () => void }) {
  const { t } = useTranslation('admin')
  const { form, sure, back } = useAdjusting(of, onClose)
  const names = { name: of.user_name, automation: of.automation_name }
  return (
    <Dialog open onClose={onClose} title={t('adjust.title')} text={t('adjust.text', names)}>
      <form className="grid gap-4" onSubmit={form.submit} noValidate>
        {sure ? <Sure form={form} of={of} /> : <What form={form} of={of} />}
        {form.failure && <Refused error={form.failure} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Buttons sure={sure} onBack={sure ? back : onClose} busy={form.sending.isPending} />
        </div>
      </form>
    </Dialog>
  )
}

type Form = ReturnType<typeof useAdjusting>['form']

function What({ form, of }: { form: Form; of: Adjustable }) {
  const { t } = useTranslation('admin')
  const delta = deltaOf(form.values.delta_tokens)
  const after = Number.isNaN(delta) ? null : of.tokens_remaining + delta
  return (
    <>
      <Input
        label={t('adjust.delta')}
        inputMode="text"
        dir="ltr"
        autoComplete="off"
        maxLength={14}
        placeholder="+50"
        hint={
          after === null
            ? t('adjust.hint', { now: num(of.tokens_remaining) })
            : t('adjust.becomes', { now: num(of.tokens_remaining), after: num(after) })
        }
        {...form.field('delta_tokens')}
      />
      <Input
        label={t('adjust.reason')}
        hint={t('adjust.reasonHint')}
        maxLength={200}
        {...form.field('reason')}
      />
      <TextArea
        label={t('adjust.note')}
        optional
        rows={2}
        maxLength={1000}
        hint={t('adjust.noteHint')}
        {...form.field('note')}
      />
    </>
  )
}

function Sure({ form, of }: { form: Form; of: Adjustable }) {
  const { t } = useTranslation('admin')
  const delta = deltaOf(form.values.delta_tokens)
  const word = delta > 0 ? `+${delta}` : String(delta)
  const after = num(of.tokens_remaining + delta)
  return (
    <>
      <Note meaning="warn">
        {t(delta > 0 ? 'adjust.sureAdd' : 'adjust.sureTake', {
          tokens: num(Math.abs(delta)),
          name: of.user_name,
          automation: of.automation_name,
          after,
        })}
      </Note>
      <div>
        <p className="mb-2 text-sm">
          <Trans
            i18nKey="typeToConfirm"
            values={{ word }}
            components={{ 1: <code className="font-semibold" /> }}
          />
        </p>
        <Input
          label={t('adjust.delta')}
          dir="ltr"
          autoFocus
          autoComplete="off"
          maxLength={14}
          {...form.field('typed')}
        />
      </div>
    </>
  )
}

function Refused({ error }: { error: unknown }) {
  const { t } = useTranslation('admin')
  const isUnsure = error instanceof ApiError && (error.status === 0 || error.status >= 500)
  return (
    <div>
      <Failure error={error} />
      {isUnsure && <p className="px-5 text-sm text-soft">{t('adjust.again')}</p>}
    </div>
  )
}

function Buttons({ sure, busy, onBack }: { sure: boolean; busy: boolean; onBack: () => void }) {
  const { t } = useTranslation('admin')
  const common = useTranslation().t
  return (
    <>
      <Button onClick={onBack}>{common(sure ? 'back' : 'cancel')}</Button>
      <Button type="submit" look={sure ? 'danger' : 'primary'} busy={busy}>
        {t(sure ? 'adjust.action' : 'adjust.next')}
      </Button>
    </>
  )
}
