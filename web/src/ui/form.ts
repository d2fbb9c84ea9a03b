import { useMutation } from '@tanstack/react-query'
import { createElement, type FormEvent, type ReactNode, useState } from 'react'
import { flushSync } from 'react-dom'
import { useTranslation } from 'react-i18next'
import { ApiError, type FieldError } from '../api/client.ts'
import { num } from '../i18n/format.ts'

type Texts = Record<string, string>

interface FormOptions<V extends Texts, R> {
  initial: V
  /** What can be seen to be wrong without asking, by field. */
  check?: (values: V) => Partial<Record<keyof V, string>>
  send: (values: V) => Promise<R>
  done?: (reply: R, values: V) => void
}

/** The rules that the server names, and the words for each. */
const RULES = {
  required: 'required',
  minLength: 'short',
  maxLength: 'long',
  minimum: 'least',
  maximum: 'most',
  enum: 'choice',
  integer: 'whole',
  email: 'email',
  url: 'url',
  printable: 'printable',
  guessable: 'guessable',
} as const

/** What is wrong with a field in the language in use, or else in the server's own words. */
function useFieldText() {
  const { t } = useTranslation()
  return ({ code = '', limit = 0, message }: FieldError): ReactNode => {
    const rule = code === 'minLength' && limit === 1 ? 'required' : RULES[code as keyof typeof RULES]
    if (!rule) return createElement('span', { lang: 'en', dir: 'ltr' }, message)
    return t(`problem.fields.${rule}`, { count: limit, limit: num(limit) })
  }
}

/**
 * A form's values, what is wrong with them by field, and its sending. Refusals of the server that name a field stand at
 * that field; the focus goes to the first one. Nothing typed is ever dropped.
 */
export function useForm<V extends Texts, R>({ initial, check, send, done }: FormOptions<V, R>) {
  const [values, setValues] = useState(initial)
  const [wrong, setWrong] = useState<Partial<Record<keyof V, ReactNode>>>({})
  const words = useFieldText()
  const sending = useMutation({ mutationFn: send, onSuccess: (reply) => done?.(reply, values) })

  const show = (errors: Partial<Record<keyof V, ReactNode>>, form: HTMLFormElement) => {
    flushSync(() => setWrong(errors))
    form.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  }

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = event.currentTarget
    if (sending.isPending) return
    const errors = check?.(values) ?? {}
    show(errors, form)
    if (Object.values(errors).some(Boolean)) return
    await sending.mutateAsync(values).catch((error: unknown) => {
      const fields = error instanceof ApiError ? error.fields : []
      const known = fields.filter(({ field }) => field in values)
      show(Object.fromEntries(known.map((one) => [one.field, words(one)])) as typeof wrong, form)
    })
  }

  /** What an input of that name needs. */
  const field = (name: keyof V & string) => ({
    name,
    value: values[name],
    onChange: (event: { target: { value: string } }) => {
      setValues((before) => ({ ...before, [name]: event.target.value }))
      setWrong((before) => ({ ...before, [name]: undefined }))
    },
    ...(wrong[name] ? { error: wrong[name] } : {}),
  })

  const set = (changes: Partial<V>) => setValues((before) => ({ ...before, ...changes }))
  /** What was refused and stands at no field. */
  const failure = sending.error && !Object.values(wrong).some(Boolean) ? sending.error : null
  return {
    values,
    set,
    field,
    submit: (event: FormEvent<HTMLFormElement>) => void submit(event),
    sending,
    failure,
  }
}
