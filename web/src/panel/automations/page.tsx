import { PageHead } from '../../ui/card.tsx'

export function AutomationsPage() {
  return <PageHead title="AutomationsPage" />
}
