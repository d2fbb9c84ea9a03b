import type { Level, ProbeReport } from './report.ts'

/** What a user begins to feel: a phase that takes longer is a finding. */
export const FELT_MS = 100

/** By its cost: what nobody feels is a note. */
export const levelOf = (cost: number): Level => (cost >= FELT_MS ? 'finding' : 'note')

/** What a packet needs there and back: connecting is nothing else, and the quickest had the least in its way. */
export function roundTripMs({ addresses, used_address, endpoints }: ProbeReport): number {
  const used = addresses.find(({ address }) => address === used_address)?.connect
  const times = [used, ...endpoints.map(({ connect }) => connect)].flatMap((connect) => connect?.min ?? [])
  return times.length === 0 ? 0 : Math.min(...times)
}

/** 3.1 ms, 240 ms, 2.1 s */
export function span(ms: number): string {
  if (ms >= 1_000) return `${(ms / 1_000).toFixed(1)} s`
  return `${ms >= 10 ? Math.round(ms) : Math.round(ms * 10) / 10} ms`
}
