import { type FieldError, Refusal } from '../lib/refusal.ts'

export const EMAIL_MOST = 254
export const NAME_MOST = 100
export const PHONE_MOST = 32

// One @ with something on both sides, no spaces or control characters: only a mail that arrives tells the rest.
const EMAIL = /^[^\s@\p{C}]+@[^\s@\p{C}]+$/u
/** Control characters, lone surrogates and what is not assigned; joiners (ZWNJ) belong to Persian names. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\u2028\u2029]/u

/** @param rule as `FieldError` has it. */
export const wrongField = (field: string, message: string, rule: Pick<FieldError, 'code' | 'limit'> = {}) =>
  new Refusal('invalid', 'invalid_input', `${field}: ${message}`, { errors: [{ field, message, ...rule }] })

const tooLong = (field: string, limit: number) =>
  wrongField(field, `must not be longer than ${limit} characters`, { code: 'maxLength', limit })
const unprintable = (field: string) =>
  wrongField(field, 'must not contain control characters', { code: 'printable' })

/** Two spellings of one address are one account. */
export const foldEmail = (text: string) => text.trim().toLowerCase()

/** @throws Refusal invalid, naming `email`. */
export function cleanEmail(text: string) {
  const email = foldEmail(text)
  if (email.length > EMAIL_MOST) throw tooLong('email', EMAIL_MOST)
  if (!EMAIL.test(email))
    throw wrongField('email', 'must be an e-mail address such as name@example.com', { code: 'email' })
  return email
}

/** @throws Refusal invalid, naming `name`. */
export function cleanName(text: string) {
  const name = text.trim()
  if (name.length === 0) throw wrongField('name', 'must not be empty', { code: 'required' })
  if (name.length > NAME_MOST) throw tooLong('name', NAME_MOST)
  if (UNPRINTABLE.test(name)) throw unprintable('name')
  return name
}

/** An empty one is none. @throws Refusal invalid, naming `phone_number`. */
export function cleanPhone(text: string | null | undefined) {
  const phone = text?.trim()
  if (!phone) return null
  if (phone.length > PHONE_MOST) throw tooLong('phone_number', PHONE_MOST)
  if (UNPRINTABLE.test(phone)) throw unprintable('phone_number')
  return phone
}
