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
  { path: 'users', page: () => import('./users/page.tsx') },
  { path: 'users/$id', page: () => import('./user/page.tsx') },
  { path: 'automations', page: () => import('./automations/page.tsx') },
  { path: 'automations/new', page: () => import('./wizard/page.tsx') },
  { path: 'automations/$id', page: () => import('./automation/page.tsx') },
  { path: 'subscriptions', page: () => import('./subscriptions/page.tsx') },
  { path: 'adjustments', page: () => import('./adjustments/page.tsx') },
  { path: 'usage', page: () => import('./usage/page.tsx') },
  { path: 'audit', page: () => import('./audit/page.tsx') },
  { path: 'staff', page: () => import('./staff/page.tsx') },
  { path: 'performance', area: 'performance', page: () => import('./performance/page.tsx') },
]
