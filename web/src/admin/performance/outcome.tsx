import { useTranslation } from 'react-i18next'
import { bytes, num } from '../../i18n/format.ts'
import { Button } from '../../ui/button.tsx'
import { Badge } from '../../ui/card.tsx'
import { Icon } from '../../ui/icons.tsx'
import { PlanSteps } from './plan.tsx'
import { brief, type Outcome } from './reading.ts'
import type { Tuning } from './tuning.ts'

type Question = Outcome['questions'][number]

/** From here on it is the change and not chance. */
const FASTER = 1.2

/** Those that the change was for: of its index, or answered in another way than before. */
const relevant = ({ steps, questions }: Outcome) =>
  questions.filter(
    ({ index, before, after }) =>
      after !== null &&
      (steps.some(({ finding }) => finding.endsWith(`:${index}`)) ||
        before.plan.join() !== after.plan.join()),
  )

/** What has been applied: how long it took, and the same questions before and after. */
export function Applied({ outcome, tuning }: { outcome: Outcome; tuning: Tuning }) {
  const { t } = useTranslation('performance')
  const questions = relevant(outcome)
  return (
    <section
      aria-label={t('findings.applied')}
      className="@container grid gap-4 border-y border-line bg-good-soft/40 px-5 py-4"
    >
      {outcome.steps.map(({ finding, sql, state, ms, bytes: grown }) => (
        <div key={finding} className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <Badge meaning="good">
            {ms === null ? t('findings.applied') : t('findings.appliedIn', { time: brief(ms) })}
          </Badge>
          <code className="min-w-0 text-[0.8125rem] [overflow-wrap:anywhere]">{sql.join('; ')}</code>
          <span className="text-sm text-soft">
            {state === 'already' && t('findings.already')}
            {grown !== null && grown > 0 && t('findings.grew', { bytes: bytes(grown) })}
          </span>
          <Button size="sm" className="ms-auto" onClick={() => tuning.ask('undo')}>
            {t('findings.undo')}
          </Button>
        </div>
      ))}
      {questions.length === 0 ? (
        <p className="text-sm text-soft">{t('findings.noQuestion')}</p>
      ) : (
        <div className="grid gap-3">
          <h3 className="text-sm font-semibold">{t('findings.questions')}</h3>
          {questions.map((question) => (
            <Compared key={`${question.index} ${question.question}`} question={question} />
          ))}
        </div>
      )}
    </section>
  )
}

function Compared({ question: { question, before, after } }: { question: Question }) {
  const { t } = useTranslation('performance')
  if (!after) return null
  const times = before.ms !== null && after.ms ? before.ms / after.ms : null
  return (
    <div className="grid gap-2">
      <p className="flex flex-wrap items-center gap-2 text-sm">
        <bdi lang="en">{question}</bdi>
        {times !== null && (
          <Badge meaning={times >= FASTER ? 'good' : 'plain'}>
            {times >= FASTER
              ? t('findings.faster', { times: num(times, { maximumFractionDigits: 1 }) })
              : t('findings.same')}
          </Badge>
        )}
      </p>
      <div className="grid gap-3 @2xl:grid-cols-2">
        <Side name={t('findings.before')} {...before} />
        <Side name={t('findings.after')} {...after} />
      </div>
    </div>
  )
}

function Side({ name, ms, plan }: { name: string; ms: number | null; plan: readonly string[] }) {
  const { t } = useTranslation('performance')
  return (
    <div className="grid min-w-0 content-start gap-1">
      <p className="flex items-center gap-2 text-sm text-soft">
        <Icon name="gauge" size={15} />
        {name}:{' '}
        <span className="font-medium text-ink tabular-nums">
          {ms === null ? t('findings.notTimed') : brief(ms)}
        </span>
      </p>
      <PlanSteps label={name} plan={plan} />
    </div>
  )
}
