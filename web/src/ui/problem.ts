import { useTranslation } from 'react-i18next'
import { ApiError } from '../api/client.ts'
import { duration } from '../i18n/format.ts'

/** A refusal in the words of the language in use, or else in the server's own. */
export function useProblemText() {
  const { t, i18n } = useTranslation()
  return (error: unknown): string => {
    if (!(error instanceof ApiError)) return t('problem.crashedText')
    if (error.status === 0)
      return t(error.code === 'offline' ? 'problem.offlineText' : 'problem.unreachableText')
    if (error.status === 429 && error.retryAfterSeconds) {
      return t('problem.tooMany', { wait: duration(error.retryAfterSeconds * 1_000) })
    }
    if (error.status === 403 && error.code === 'forbidden') return t('problem.forbiddenText')
    const key = `problem.codes.${error.code}`
    return i18n.exists(key) ? t(key as 'problem.codes.internal') : error.message
  }
}
