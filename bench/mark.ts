import type { Size } from './population.ts'

/** What is known of a data set besides its rows. */
export interface Manifest {
  /** Of schema, contents, size and day: the same for the same rows. */
  fingerprint: string
  size: Size
  /** Of every user, so that they can sign in. */
  password: string
  /** The first belongs to automation 1. */
  serviceTokens: string[]
}

/** A row of `facts` by this name says that the bench made a database, and may write to it. */
export const MARK = 'bench'

export const markOf = ({ fingerprint, size }: Manifest) => JSON.stringify({ fingerprint, ...size })
