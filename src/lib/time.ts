/** Milliseconds since 1970 UTC; the one source of the present. Tests put in their own. */
export type Clock = () => number

export const systemClock: Clock = () => Date.now()

export const SECOND_MS = 1_000
export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000

/** ISO 8601 UTC with `Z`. */
export const iso = (ms: number) => new Date(ms).toISOString()

/** As `iso`, for a time that may not have happened. */
export const isoOrNull = (ms: number | null) => (ms === null ? null : iso(ms))

/** Whole days since 1970-01-01 UTC. */
export const dayOf = (ms: number) => Math.floor(ms / DAY_MS)

/** The hour of the UTC day, 0–23. */
export const hourOf = (ms: number) => Math.floor((ms % DAY_MS) / HOUR_MS)

/** `YYYY-MM-DD` of a day number. */
export const dayText = (day: number) => iso(day * DAY_MS).slice(0, 10)

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
