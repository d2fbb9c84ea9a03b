/** One metric of a scrape, with all its samples. */
export interface Family {
  name: string
  type: 'counter' | 'gauge' | 'histogram'
  help: string
  samples: Sample[]
}

export interface Sample {
  name: string
  labels: Record<string, string>
  value: number
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|NaN|[+-]Inf)$/
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y

/**
 * Reads Prometheus' text format, and throws at whatever is not allowed in it: samples away from their metric, one told
 * twice, buckets that don't add up.
 */
export function readExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const families = new Map<string, Family>()
  let family: Family | undefined
  const lines = text.split('\n')
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] as string
    const help = /^# HELP (\S+) (.+)$/.exec(line)
    if (help) {
      const [, name = '', said = ''] = help
      const type = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(lines[++i] ?? '')
      if (type?.[1] !== name) throw new Error(`HELP ${name} is not followed by its TYPE`)
      if (families.has(name)) throw new Error(`${name} is there twice`)
      family = { name, type: type[2] as Family['type'], help: said, samples: [] }
      families.set(name, family)
    } else if (line !== '') {
      if (!family) throw new Error(`a sample of nothing: ${line}`)
      family.samples.push(sampleOf(line))
    }
  }
  for (const each of families.values()) check(each)
  return families
}

function sampleOf(line: string): Sample {
  const found = SAMPLE.exec(line)
  if (!found) throw new Error(`no sample: ${line}`)
  const [, name = '', text = '', value = ''] = found
  const labels: Record<string, string> = {}
  LABEL.lastIndex = 0
  while (LABEL.lastIndex < text.length) {
    const label = LABEL.exec(text)
    if (!label) throw new Error(`wrong labels: ${line}`)
    labels[label[1] as string] = label[2] as string
  }
  return { name, labels, value: value.endsWith('Inf') ? Number(`${value}inity`) : Number(value) }
}

const keyOf = ({ name, labels }: Sample) => `${name} ${JSON.stringify(Object.entries(labels).sort())}`

function check({ name, type, samples }: Family) {
  const keys = new Set(samples.map(keyOf))
  if (keys.size !== samples.length) throw new Error(`${name} has a sample twice`)
  if (type === 'counter' && !name.endsWith('_total')) throw new Error(`${name} is a counter without _total`)
  if (type !== 'histogram') {
    for (const sample of samples) if (sample.name !== name) throw new Error(`${sample.name} below ${name}`)
    return
  }
  const series = Map.groupBy(samples, ({ labels: { le: _, ...rest } }) => JSON.stringify(rest))
  for (const [labels, of] of series) checkHistogram(`${name} ${labels}`, name, of)
}

function checkHistogram(what: string, name: string, samples: Sample[]) {
  const buckets = samples.filter((sample) => sample.name === `${name}_bucket`)
  const counts = buckets.map(({ value }) => value)
  const edges = buckets.map(({ labels }) => Number(labels.le === '+Inf' ? 'Infinity' : labels.le))
  const count = samples.find((sample) => sample.name === `${name}_count`)?.value
  const sum = samples.find((sample) => sample.name === `${name}_sum`)?.value
  if (samples.length !== buckets.length + 2 || sum === undefined) throw new Error(`${what} is not whole`)
  if (edges.at(-1) !== Number.POSITIVE_INFINITY || counts.at(-1) !== count) throw new Error(`${what}: +Inf`)
  for (let i = 1; i < buckets.length; i++) {
    const ascends = Number(edges[i]) > Number(edges[i - 1]) && Number(counts[i]) >= Number(counts[i - 1])
    if (!ascends) throw new Error(`${what} does not ascend at ${edges[i]}`)
  }
}
