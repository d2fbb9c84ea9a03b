import { useTranslation } from 'react-i18next'
import { ApiError } from '../api/client.ts'
import { duration } from '../i18n/format.ts'
import { presentAreas } from '../i18n/i18n.ts'

/** A refusal in the words of the language in use, or else in the server's own. */
export function useProblemText() {
  const { t, i18n } = useTranslation()
  return (error: unknown): string => {
    if (!(error instanceof ApiError)) return t('problem.crashedText')
    const { code, message, status, retryAfterSeconds } = error
    if (status === 429 && retryAfterSeconds) {
      return t('problem.tooMany', { wait: duration(retryAfterSeconds * 1_000) })
    }
    // Each area of the app may have words of its own for what its part of the server refuses.
    const keys = [...presentAreas().map((area) => `${area}:codes.${code}`), `problem.codes.${code}`]
    const key = keys.find((one) => i18n.exists(one))
    if (key) return t(key as 'problem.codes.internal', { message })
    return status === 403 ? t('problem.forbiddenText') : message
  }
}
