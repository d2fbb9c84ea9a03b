// Parts of packages whose main file also loads what a server never uses (clusters, push gateways, HTTP clients, stores
// of every database): loading these parts alone halves the time that a start takes.

declare module '@prometheus-io/client/lib/counter.js' {
  import { Counter } from '@prometheus-io/client'
  export = Counter
}

declare module '@prometheus-io/client/lib/gauge.js' {
  import { Gauge } from '@prometheus-io/client'
  export = Gauge
}

declare module '@prometheus-io/client/lib/histogram.js' {
  import { Histogram } from '@prometheus-io/client'
  export = Histogram
}

declare module '@prometheus-io/client/lib/registry.js' {
  import { Registry } from '@prometheus-io/client'
  export = Registry
}
