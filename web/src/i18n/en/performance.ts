/** Texts of the performance's pages. */
export const performance = {
  title: 'Performance',
} as const
