import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError, call } from '../../api/client.ts'
import { refresh } from '../../api/query.ts'
import { num } from '../../i18n/format.ts'
import { Button } from '../../ui/button.tsx'
import { Note } from '../../ui/card.tsx'
import { DayInput } from '../../ui/day-input.tsx'
import { Dialog, ToType } from '../../ui/dialog.tsx'
import { latin } from '../../ui/digits.ts'
import { Input, Select, TextArea } from '../../ui/field.tsx'
import { useForm } from '../../ui/form.ts'
import { Failure } from '../../ui/states.tsx'
import { toast } from '../../ui/toast.tsx'

/** A subscription whose balance can be changed. */
export interface Adjustable {
  id: number
  automation_name: string
  user_name: string
  tokens_remaining: number
}

const EMPTY = { delta_tokens: '', kind: 'adjustment', expires_at: '', reason: '', note: '', typed: '' }
type Values = typeof EMPTY

const newKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')

/** Whole and not zero; NaN for anything else. */
function deltaOf(text: string) {
  const typed = latin(text)
  return /^[+-]?\d{1,12}$/.test(typed) && Number(typed) !== 0 ? Number(typed) : Number.NaN
}

const KINDS = ['adjustment', 'paid', 'promotional'] as const

/** Of tokens that are added: until the end of the day that was chosen, where whoever chose it is. */
function lotOf({ delta_tokens, kind, expires_at }: Values) {
  if (deltaOf(delta_tokens) < 0) return {}
  const [year = 0, month = 0, day = 0] = expires_at.split('-').map(Number)
  return {
    kind: kind as (typeof KINDS)[number],
    ...(expires_at ? { expires_at: new Date(year, month - 1, day + 1).toISOString() } : {}),
  }
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
    send: async (values) => {
      const { delta_tokens, reason, note } = values
      if (!sure) return null
      const body = {
        user_automation_id: id,
        delta_tokens: deltaOf(delta_tokens),
        reason: reason.trim(),
        ...lotOf(values),
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
      {delta > 0 && <Added form={form} />}
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

/** What only tokens that are added have. */
function Added({ form }: { form: Form }) {
  const { t } = useTranslation('admin')
  const { value, error } = form.field('expires_at')
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Select
        label={t('adjust.kind')}
        options={KINDS.map((value) => ({ value, label: t(`adjust.kinds.${value}`) }))}
        value={form.values.kind}
        onChange={(kind) => form.set({ kind })}
      />
      <DayInput
        label={t('adjust.expires')}
        value={value}
        error={error}
        onChange={(expires_at) => form.set({ expires_at })}
      />
    </div>
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
        <ToType word={word} />
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
