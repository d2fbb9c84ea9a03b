import type { performance as english } from '../en/performance.ts'
import type { Texts } from '../texts.ts'

export const performance: Texts<typeof english> = {
  title: 'کارایی',
}
