import { type ComponentProps, type ReactNode, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from './icons.tsx'

interface FieldProps {
  label: string
  hint?: ReactNode
  error?: ReactNode
  /** Says so beside the label. */
  optional?: boolean
}

type Described = { id: string; 'aria-invalid': true | undefined; 'aria-describedby': string | undefined }

/** A label above its control, with what helps and what is wrong below it. */
export function Field({
  label,
  hint,
  error,
  optional,
  children,
}: FieldProps & { children: (described: Described) => ReactNode }) {
  const { t } = useTranslation()
  const id = useId()
  const about = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ')
  return (
    <div className="grid gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        {label} {optional && <span className="font-normal text-soft">({t('optional')})</span>}
      </label>
      {children({ id, 'aria-invalid': error ? true : undefined, 'aria-describedby': about || undefined })}
      {hint && (
        <p id={`${id}-hint`} className="text-sm text-soft">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className="flex items-start gap-1.5 text-sm text-bad">
          <Icon name="alert" size={16} className="mt-0.5" />
          <span>{error}</span>
        </p>
      )}
    </div>
  )
}

type InputProps = FieldProps & Omit<ComponentProps<'input'>, 'id'>

/** One line of text. Addresses and ids stay left to right by `dir="ltr"`; `auto` for what people write. */
export function Input({ label, hint, error, optional, className = '', ...rest }: InputProps) {
  return (
    <Field label={label} hint={hint} {...(error ? { error } : {})} {...(optional ? { optional } : {})}>
      {(described) => <input dir="auto" {...rest} {...described} className={`field ${className}`} />}
    </Field>
  )
}

export function PasswordInput({ label, hint, error, ...rest }: InputProps) {
  const { t } = useTranslation()
  const [shown, setShown] = useState(false)
  return (
    <Field label={label} hint={hint} {...(error ? { error } : {})}>
      {(described) => (
        <div className="relative">
          <input
            {...rest}
            {...described}
            dir="ltr"
            type={shown ? 'text' : 'password'}
            className="field pe-11"
          />
          <button
            type="button"
            aria-label={t(shown ? 'hidePassword' : 'showPassword')}
            aria-pressed={shown}
            onClick={() => setShown(!shown)}
            className="absolute inset-y-1 end-1 inline-flex w-9 items-center justify-center rounded-md text-soft hover:bg-line/60"
          >
            <Icon name="eye" />
          </button>
        </div>
      )}
    </Field>
  )
}

type AreaProps = FieldProps & Omit<ComponentProps<'textarea'>, 'id'>

export function TextArea({ label, hint, error, optional, ...rest }: AreaProps) {
  return (
    <Field label={label} hint={hint} {...(error ? { error } : {})} {...(optional ? { optional } : {})}>
      {(described) => <textarea dir="auto" rows={4} {...rest} {...described} className="field py-2" />}
    </Field>
  )
}

interface SelectProps extends Omit<ComponentProps<'select'>, 'id' | 'onChange'> {
  label: string
  options: readonly { value: string; label: string }[]
  onChange: (value: string) => void
  hint?: ReactNode
  error?: ReactNode
  /** The label is only for screen readers: in a row of filters. */
  bare?: boolean
}

/** The browser's own list, which every phone and screen reader knows how to show. */
export function Select({
  label,
  options,
  onChange,
  hint,
  error,
  bare,
  className = '',
  ...rest
}: SelectProps) {
  const control = (
    <select
      {...rest}
      aria-label={bare ? label : undefined}
      onChange={(event) => onChange(event.target.value)}
      className={`field ${className}`}
    >
      {options.map(({ value, label: text }) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  )
  if (bare) return control
  return (
    <Field label={label} hint={hint} {...(error ? { error } : {})}>
      {(described) => (
        <select
          {...rest}
          {...described}
          onChange={(event) => onChange(event.target.value)}
          className={`field ${className}`}
        >
          {options.map(({ value, label: text }) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

type CheckboxProps = Omit<ComponentProps<'input'>, 'type'> & { label: ReactNode }

export function Checkbox({ label, ...rest }: CheckboxProps) {
  return (
    <label className="inline-flex min-h-8 items-center gap-2">
      <input type="checkbox" {...rest} className="size-4 accent-(--accent)" />
      <span>{label}</span>
    </label>
  )
}

/** A field to search a list with; `/` puts the cursor into it. */
export function SearchInput({
  label,
  value,
  onChange,
}: {
  label: string
  value: string
  onChange: (value: string) => void
}) {
  return (
    <div className="relative w-full sm:max-w-xs">
      <Icon name="search" className="pointer-events-none absolute inset-y-0 start-3 my-auto text-soft" />
      <input
        type="search"
        dir="auto"
        data-search
        aria-label={label}
        placeholder={label}
        value={value}
        maxLength={100}
        onChange={(event) => onChange(event.target.value)}
        className="field ps-10"
      />
    </div>
  )
}
