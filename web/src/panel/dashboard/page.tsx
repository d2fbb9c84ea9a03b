import { PageHead } from '../../ui/card.tsx'

export function DashboardPage() {
  return <PageHead title="DashboardPage" />
}
