import { PageHead } from '../../ui/card.tsx'

export function MarketplacePage() {
  return <PageHead title="MarketplacePage" />
}
