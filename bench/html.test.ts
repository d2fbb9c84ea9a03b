import { expect, test } from 'bun:test'
import type { Machine, Plot } from './figures.ts'
import { asComparison } from './html.ts'
import { soak } from './scenarios/soak.ts'

test('the plots of two soaks at different rates are laid over each other', async () => {
  const run = async (perSecond: number) => {
    const plots: Plot[] = []
    const played = { requests: 1, failed: {}, p99Ms: 1, cpuShare: 0.1 }
    const stage = { setting: { dataDir: '/none' }, server: { pid: process.pid }, play: async () => played }
    const options = {
      requests: [],
      perSecond,
      seconds: 1,
      say: () => {},
      plot: (plot: Plot) => plots.push(plot),
    }
    await soak(stage as never, options)
    return { machine: {} as Machine, started_at: '2026-11-27T00:00:00Z', rows: [], plots }
  }
  const html = asComparison(await run(1_021), await run(987))
  expect(html).toContain('anonymous and shared, before')
  expect(html).toContain('anonymous and shared, after')
})
