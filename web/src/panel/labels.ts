import { useTranslation } from 'react-i18next'

/** Names of states; one that this version doesn't know is shown as it is. */
export function useLabels() {
  const { t, i18n } = useTranslation('panel')
  const named = (key: string, otherwise: string) =>
    i18n.exists(key, { ns: 'panel' }) ? t(key as 'status.active') : otherwise
  return {
    pricing: (type: string) => named(`pricing.${type}`, type),
    pricingText: (type: string) => named(`one.priceUnit.${type}`, ''),
    status: (status: string) => named(`status.${status}`, status),
    setup: (status: string) => named(`setup.${status}`, status),
  }
}
