/** Texts of the staff's pages. */
export const admin = {
  title: 'Staff',
  nav: { performance: 'Performance' },
} as const
