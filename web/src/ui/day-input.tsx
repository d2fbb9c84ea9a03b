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
export function DayInput(props: DayInputProps) {
  if (language() === 'fa') return <JalaliInput {...props} />
  const { onChange, ...rest } = props
  return <Input type="date" {...rest} onChange={(event) => onChange(event.target.value)} />
}

function JalaliInput({ label, value, onChange, error }: DayInputProps) {
  const { t } = useTranslation()
  const [text, setText] = useState(textOfDay(value))
  const day = dayOfText(text)
  // Changed from outside: another link, the browser's Back.
  const [known, setKnown] = useState(value)
  if (value !== known) {
    setKnown(value)
    if (value !== (day ?? '')) setText(textOfDay(value))
  }
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
