import { PageHead } from '../../ui/card.tsx'

export function AutomationPage() {
  return <PageHead title="AutomationPage" />
}
