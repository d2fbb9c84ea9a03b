// The front door of admin/: what other rooms may use. Each verb is in the file that it comes from.

export { auditPage } from './audit-log.ts'
export { setCustomerActive, updateCustomer } from './customers.ts'
export { dashboard, dashboardStats, recentActivity } from './dashboard.ts'
export { subscriptionsPage } from './subscriptions.ts'
export { userTimeline } from './timeline.ts'
export { usageStats } from './usage-stats.ts'
export { userInFull } from './user.ts'
export { usersPage } from './users.ts'
export { usersCsv } from './users-export.ts'
export type { UserKey, UserOrder } from './users-found.ts'
