import type { Metric, Registry } from '@prometheus-io/client'
import type { Histogram } from './histogram.ts'

export type Labels = Record<string, string>
export type Sample = [labels: Labels, value: number]

/** A counter or a gauge that is kept elsewhere, and read when it is asked for. */
export function expose(
  registry: Registry,
  type: 'counter' | 'gauge',
  name: string,
  help: string,
  read: () => Iterable<Sample>,
) {
  register(registry, type, name, help, () =>
    Array.from(read(), ([labels, value]) => ({ metricName: name, labels, value })),
  )
}

/**
 * Histograms that are kept elsewhere, those without a time left out.
 *
 * @param edges seconds. A time is counted under an edge that it passes by less than 1 %, which is how exactly they are
 *   kept.
 */
export function exposeTimes(
  registry: Registry,
  name: string,
  help: string,
  edges: readonly number[],
  read: () => Iterable<[Labels, Histogram]>,
) {
  register(registry, 'histogram', name, help, () =>
    Array.from(read()).flatMap(([labels, histogram]) => samples(name, labels, histogram, edges)),
  )
}

interface PlainSample {
  metricName: string
  labels: Record<string, string | number>
  value: number
}

function register(registry: Registry, type: string, name: string, help: string, read: () => PlainSample[]) {
  const metric = {
    name,
    help,
    type,
    aggregator: 'sum',
    get: async () => ({ name, help, type, values: read() }),
  }
  // The registry asks no more of a metric than this when it is scraped.
  registry.registerMetric(metric as unknown as Metric)
}

function samples(
  name: string,
  labels: Labels,
  histogram: Histogram,
  edges: readonly number[],
): PlainSample[] {
  const { count, sumMs } = histogram
  if (count === 0) return []
  const within = histogram.within(edges.map((seconds) => seconds * 1_000))
  return [
    ...edges.map((le, i) => ({
      metricName: `${name}_bucket`,
      labels: { ...labels, le },
      value: within[i] as number,
    })),
    { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: count },
    { metricName: `${name}_sum`, labels, value: sumMs / 1_000 },
    { metricName: `${name}_count`, labels, value: count },
  ]
}
