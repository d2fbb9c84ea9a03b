/** Every page of the app, by who sees it. A new page goes here: axe, a phone's width and the keyboard walk through it. */
export const PAGES = {
  nobody: ['/login', '/signup', '/marketplace', '/marketplace/1', '/nothing/here'],
  customer: [
    '/dashboard',
    '/marketplace',
    '/marketplace?search=nothing+like+this',
    '/marketplace/1',
    '/marketplace/3',
    '/marketplace/999',
    '/automations',
    '/usage',
    '/usage?range=own',
    '/settings',
  ],
  manager: ['/admin', '/admin/performance'],
} as const
