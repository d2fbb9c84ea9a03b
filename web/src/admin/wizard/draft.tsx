import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { call } from '../../api/client.ts'
import { Button } from '../../ui/button.tsx'
import { useForm } from '../../ui/form.ts'
import { Failure } from '../../ui/states.tsx'
import { toast } from '../../ui/toast.tsx'
import { refreshAutomations } from '../automation/change.ts'
import { ConnectFields, DescribeFields, PriceFields, useCheck } from '../automation/fields.tsx'
import { bodyOf, NEW, type Values } from '../automation/values.ts'
import type { Step } from './steps.ts'

type Early = Extract<Step, 'describe' | 'price' | 'connect'>

const FIELDS: Record<Early, (keyof Values)[]> = {
  describe: ['name', 'description'],
  price: ['pricing_type', 'price_per_token', 'currency', 'demo_tokens'],
  connect: ['provision_url', 'health_check_url', 'dashboard_url'],
}
const ORDER: readonly Early[] = ['describe', 'price', 'connect']

interface DraftProps {
  step: Early
  onStep: (step: Step) => void
  /** It exists now, with this id. */
  onMade: (id: number) => void
}

/** What has to be known before there is an automation: one form over three steps. */
export function Draft({ step, onStep, onMade }: DraftProps) {
  const { t } = useTranslation('admin')
  const common = useTranslation().t
  const check = useCheck()
  const [began] = useState(step)
  const at = ORDER.indexOf(step)
  const form = useForm({
    initial: NEW,
    check: (values) => check(values, FIELDS[step]),
    send: async (values) => {
      if (step !== 'connect') return null
      return call('POST /api/admin/automations', { body: { ...bodyOf(values), is_listed: false } })
    },
    done: (made) => {
      if (!made) return onStep(ORDER[at + 1] ?? 'connect')
      toast(t('wizard.created', { name: made.name }))
      void refreshAutomations()
      onMade(made.id)
    },
  })
  // A name that the server refuses is mended where it was typed; so is a step that the address skipped.
  const unfinished = ORDER.find(
    (one, index) => index < at && Object.keys(check(form.values, FIELDS[one])).length > 0,
  )
  const refused = form.failure
    ? null
    : ORDER.find((one) => FIELDS[one].some((name) => form.field(name).error))
  const wanted = unfinished ?? (refused && ORDER.indexOf(refused) < at ? refused : null)
  useEffect(() => {
    if (wanted) onStep(wanted)
  })
  return (
    <form className="grid gap-4" onSubmit={form.submit} noValidate>
      <FirstField key={step} isFirst={step === began}>
        {step === 'describe' && <DescribeFields form={form} />}
        {step === 'price' && <PriceFields form={form} />}
        {step === 'connect' && <ConnectFields form={form} />}
      </FirstField>
      {step === 'connect' && <p className="text-sm text-soft">{t('wizard.createText')}</p>}
      {form.failure && <Failure error={form.failure} />}
      <div className="flex flex-wrap justify-between gap-2">
        {at > 0 ? (
          <Button onClick={() => onStep(ORDER[at - 1] ?? 'describe')}>{common('back')}</Button>
        ) : (
          <span />
        )}
        <Button type="submit" look="primary" busy={form.sending.isPending}>
          {t(step === 'connect' ? 'wizard.create' : 'wizard.next')}
        </Button>
      </div>
    </form>
  )
}

/** Puts the cursor into the first field of a step that one has gone to. */
function FirstField({ isFirst, children }: { isFirst: boolean; children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!isFirst) box.current?.querySelector<HTMLElement>('input,select,textarea')?.focus()
  }, [isFirst])
  return (
    <div ref={box} className="grid gap-4">
      {children}
    </div>
  )
}
