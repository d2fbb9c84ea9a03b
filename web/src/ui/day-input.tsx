import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { dayLong } from '../i18n/format.ts'
import { language } from '../i18n/i18n.ts'
import { dayOfText, textOfDay } from './day-text.ts'
import { Input } from './field.tsx'

interface DayInputProps {
  label: string
  /** A day of the server (`2026-11-27`), or nothing. */
  value: string
  onChange: (day: string) => void
  max?: string
  error?: ReactNode
}

/** A date in the calendar of the language: the browser's own field knows only the Gregorian one. */
export const DayInput = (props: DayInputProps) =>
  language() === 'fa' ? <JalaliInput {...props} /> : <GregorianInput {...props} />

/** What the field shows; another day from outside (a link, the browser's Back) becomes that. */
function useText(value: string, textOf: (day: string) => string, dayOf: (text: string) => string | null) {
  const [text, setText] = useState(textOf(value))
  const [known, setKnown] = useState(value)
  if (value !== known) {
    setKnown(value)
    if (value !== (dayOf(text) ?? '')) setText(textOf(value))
  }
  return [text, setText] as const
}

function GregorianInput({ value, onChange, ...rest }: DayInputProps) {
  const [text, setText] = useText(value, String, String)
  const type = (next: string) => {
    setText(next)
    // On the way to 2026 are the years 2, 20 and 202.
    if (next === '' || next >= '1000') onChange(next)
  }
  return <Input type="date" {...rest} value={text} onChange={(event) => type(event.target.value)} />
}

function JalaliInput({ label, value, onChange, error }: DayInputProps) {
  const { t } = useTranslation()
  const [text, setText] = useText(value, textOfDay, dayOfText)
  const day = dayOfText(text)
  const wrong = text.trim() !== '' && day === null ? t('date.wrong') : undefined
  const type = (next: string) => {
    setText(next)
    const found = dayOfText(next)
    if (found || !next.trim()) onChange(found ?? '')
  }
  return (
    <Input
      label={label}
      value={text}
      dir="ltr"
      inputMode="numeric"
      autoComplete="off"
      maxLength={10}
      className="rtl:text-right"
      hint={day ? dayLong(day) : t('date.hint')}
      {...((wrong ?? error) ? { error: wrong ?? error } : {})}
      onChange={(event) => type(event.target.value)}
    />
  )
}
