/** Texts of the staff's pages. */
export const admin = {
  title: 'Staff',
} as const
