// The front door of performance/: what other rooms may use. Each verb is in the file that it comes from.

export { openMisses } from './misses.ts'
export { nodeName } from './node.ts'
export { recordedSince } from './samples.ts'
