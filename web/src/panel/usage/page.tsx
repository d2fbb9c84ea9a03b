import { PageHead } from '../../ui/card.tsx'

export function UsagePage() {
  return <PageHead title="UsagePage" />
}
