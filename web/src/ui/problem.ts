import type { Namespace } from 'i18next'
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
    const key = `problem.codes.${error.code}`
    if (i18n.exists(key)) return t(key as 'problem.codes.internal')
    // Each area of the app may have words for what its part of the server refuses.
    const areas = Object.keys(i18n.getDataByLanguage(i18n.language) ?? {}) as Namespace[]
    const area = areas.find((ns) => i18n.exists(`codes.${error.code}`, { ns }))
    if (area) return String(i18n.t(`codes.${error.code}` as never, { ns: area } as never))
    return error.status === 403 ? t('problem.forbiddenText') : error.message
  }
}
