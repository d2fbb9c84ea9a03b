/** Texts of the customers' pages. */
export const panel = {
  nav: {
    dashboard: 'Dashboard',
    marketplace: 'Marketplace',
    automations: 'My automations',
    usage: 'Usage',
    settings: 'Settings',
  },
} as const
