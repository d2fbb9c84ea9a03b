import { useTranslation } from 'react-i18next'

const LEAST = 8
const MOST = 128

/** What can be seen to be wrong with a new password, at its field: nothing pasted is ever cut. */
export function useNewPassword() {
  const { t } = useTranslation()
  return (field: string, password: string): Record<string, string> => {
    if (password === '') return { [field]: t('problem.fields.required') }
    if (password.length < LEAST) return { [field]: t('problem.fields.short', { count: LEAST }) }
    if (password.length > MOST) return { [field]: t('problem.fields.long', { count: MOST }) }
    return {}
  }
}
