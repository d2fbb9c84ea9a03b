import type { Meaning } from '../ui/card.tsx'

/** What a state of the API means, for its colour and sign. */
export const HEALTH: Record<string, Meaning> = {
  healthy: 'good',
  degraded: 'warn',
  unhealthy: 'bad',
  unknown: 'plain',
}
export const STATUS: Record<string, Meaning> = { active: 'good', paused: 'warn', cancelled: 'plain' }
export const SETUP: Record<string, Meaning> = {
  connected: 'good',
  pending: 'info',
  not_configured: 'plain',
  failed: 'bad',
}

/** Few enough to say so. */
export const LOW_TOKENS = 10
