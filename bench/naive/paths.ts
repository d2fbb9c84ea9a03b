// Of the bench's own server: naive twins of endpoints, and two that only say who calls.

export const NAIVE = {
  '/api/admin/users': '/bench/naive/users',
  '/api/user/dashboard': '/bench/naive/dashboard',
  '/api/user/usage': '/bench/naive/usage',
} as const
export const ANONYMOUS = '/bench/anonymous'
export const AUTHENTICATED = '/bench/authenticated'
