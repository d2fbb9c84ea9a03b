import { useTranslation } from 'react-i18next'
import { useTitle } from '../../shell/title.ts'
import { PageHead } from '../../ui/card.tsx'

export function Page() {
  const { t } = useTranslation('admin')
  useTitle(t('title'))
  return <PageHead title={t('title')} />
}
