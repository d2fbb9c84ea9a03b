// The front door of usage/: what other rooms may use. Each verb is in the file that it comes from.

export { usageOfDays } from './days.ts'
export { exportRange, usageCsv } from './export.ts'
export { newestUsage, recentReversals, usagePage } from './recent.ts'
export { usageByDay, usageByMonth, usageInRange, usageOfLastDays } from './series.ts'
export { tokensLeft, usageDistribution } from './totals.ts'
