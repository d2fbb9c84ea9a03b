/** A translation: the same keys as the English one, with texts of its own. */
export type Texts<T> = {
  readonly [K in keyof T]: T[K] extends string ? string : Texts<T[K]>
}
