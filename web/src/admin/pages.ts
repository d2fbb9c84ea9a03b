import type { Area } from '../i18n/i18n.ts'

interface StaffPage {
  /** Below /admin; `/` is the first one. */
  path: string
  /** Texts that it needs besides those of `admin`. */
  area?: Area
  page: () => Promise<{ Page: () => React.ReactNode }>
}

/** The pages of staff, a line each; frame.tsx names them in its navigation. */
export const adminPages: StaffPage[] = [
  { path: '/', page: () => import('./dashboard/page.tsx') },
  { path: '/performance', area: 'performance', page: () => import('./performance/page.tsx') },
]
