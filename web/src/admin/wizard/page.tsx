import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { read } from '../../api/query.ts'
import { num } from '../../i18n/format.ts'
import { useTitle } from '../../shell/title.ts'
import { Card, Note, PageHead } from '../../ui/card.tsx'
import { Icon } from '../../ui/icons.tsx'
import { Loaded } from '../../ui/states.tsx'
import { useUrlState } from '../../ui/url-state.ts'
import { isId } from '../kit/ids.ts'
import { useMay } from '../kit/role.ts'
import { Draft } from './draft.tsx'
import { STEPS, type Step } from './steps.ts'
import { TestStep } from './test-step.tsx'
import { TokenStep } from './token-step.tsx'

/**
 * From an idea to the marketplace. The automation is created, unlisted, after the third step; from then on the address
 * has its id, so that a reload goes on where one was.
 */
export function Page() {
  const { t } = useTranslation('admin')
  useTitle(t('wizard.title'))
  const may = useMay()
  const [{ step: asked, id }, set] = useUrlState({ step: 'describe', id: '' })
  const step = STEPS.find((one) => one === asked) ?? 'describe'
  const at: Step = !isId(id) && (step === 'test' || step === 'token') ? 'describe' : step
  if (!may.change) {
    return (
      <>
        <PageHead title={t('wizard.title')} />
        <Note meaning="warn">{t('codes.admin_access_required')}</Note>
      </>
    )
  }
  return (
    <div className="mx-auto max-w-3xl">
      <PageHead
        title={t('wizard.title')}
        text={t('wizard.step', { at: num(STEPS.indexOf(at) + 1), of: num(STEPS.length) })}
      />
      <Steps at={at} />
      <Card>
        {at === 'test' || at === 'token' ? (
          <Made id={Number(id)} step={at} onStep={(next) => set({ step: next })} />
        ) : (
          <Draft
            step={at}
            onStep={(next) => set({ step: next })}
            onMade={(made) => set({ step: 'test', id: String(made) })}
          />
        )}
      </Card>
    </div>
  )
}

function Made({ id, step, onStep }: { id: number; step: 'test' | 'token'; onStep: (step: Step) => void }) {
  const automation = useQuery(read('GET /api/admin/automations/{id}', { path: { id } }))
  return (
    <Loaded query={automation}>
      {(data) =>
        step === 'test' ? (
          <TestStep automation={data} onNext={() => onStep('token')} />
        ) : (
          <TokenStep automation={data} />
        )
      }
    </Loaded>
  )
}

function Steps({ at }: { at: Step }) {
  const { t } = useTranslation('admin')
  const now = STEPS.indexOf(at)
  return (
    <ol className="mb-5 grid grid-cols-5 gap-2">
      {STEPS.map((step, index) => (
        <li
          key={step}
          aria-current={index === now ? 'step' : undefined}
          className={`border-t-4 pt-2 text-sm ${index <= now ? 'border-accent' : 'border-line'} ${index === now ? 'font-semibold' : 'text-soft'}`}
        >
          <span className="flex items-center gap-1">
            {index < now && <Icon name="check" size={14} />}
            <span className="truncate">{t(`wizard.${step}`)}</span>
          </span>
        </li>
      ))}
    </ol>
  )
}
