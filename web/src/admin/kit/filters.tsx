import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/button.tsx'
import { DayInput } from '../../ui/day-input.tsx'
import { SearchInput, Select } from '../../ui/field.tsx'

const AFTER_MS = 250

/** The row above a list. What is chosen lives in the address; one button takes it all back. */
export function Filters({ children, onClear }: { children: ReactNode; onClear: (() => void) | null }) {
  const { t } = useTranslation('admin')
  return (
    <search className="flex flex-wrap items-center gap-2 border-b border-line p-3">
      {children}
      {onClear && (
        <Button look="quiet" size="sm" icon="close" onClick={onClear}>
          {t('list.clear')}
        </Button>
      )}
    </search>
  )
}

/** Asks when one has stopped typing. */
export function SearchFilter({
  label,
  value,
  onChange,
}: {
  label: string
  value: string
  onChange: (value: string) => void
}) {
  const [text, setText] = useState(value)
  const sent = useRef(value)
  useEffect(() => {
    // Changed from outside: the browser's Back, or all filters cleared.
    if (value !== sent.current) {
      sent.current = value
      setText(value)
    }
  }, [value])
  useEffect(() => {
    if (text === sent.current) return
    const timer = setTimeout(() => {
      sent.current = text
      onChange(text)
    }, AFTER_MS)
    return () => clearTimeout(timer)
  })
  return <SearchInput label={label} value={text} onChange={setText} />
}

interface ChoiceProps<V extends string> {
  label: string
  value: string
  values: readonly V[]
  name: (value: V) => string
  onChange: (value: string) => void
}

/** One of several, or any of them: the first entry, which says what is being chosen. */
export function Choice<V extends string>({ label, value, values, name, onChange }: ChoiceProps<V>) {
  const { t } = useTranslation('admin')
  const options = values.map((one) => ({ value: one as string, label: name(one) }))
  return (
    <div className="min-w-36 flex-1 sm:w-48 sm:flex-none">
      <Select
        bare
        label={label}
        value={value}
        onChange={onChange}
        options={[{ value: '', label: t('list.any', { what: label }) }, ...options]}
      />
    </div>
  )
}

/** Whole days as the address has them; nothing has no end. */
export type Days = { from: string; to: string }

export const NO_DAYS: Days = { from: '', to: '' }

/** What the API is asked; the wrong way round they mean the same days. */
export function daysAsked({ from, to }: Days) {
  const [first, last] = from && to && from > to ? [to, from] : [from, to]
  return { ...(first ? { from: first } : {}), ...(last ? { to: last } : {}) }
}

/** The first and the last day of a list. */
export function DaysFilter({ days, onChange }: { days: Days; onChange: (changes: Partial<Days>) => void }) {
  const { t } = useTranslation('admin')
  const today = new Date().toISOString().slice(0, 10)
  return (
    <div className="flex w-full flex-wrap items-start gap-2 sm:w-auto">
      {(['from', 'to'] as const).map((end) => (
        <div key={end} className="min-w-36 flex-1 sm:w-48 sm:flex-none">
          <DayInput
            label={t(`list.${end}`)}
            value={days[end]}
            max={today}
            onChange={(day) => onChange({ [end]: day })}
          />
        </div>
      ))}
      <p className="w-full text-sm text-soft sm:mt-8 sm:w-auto">{t('list.utc')}</p>
    </div>
  )
}
