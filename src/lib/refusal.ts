/** Why a request is refused, in words that no transport owns; http/ and cli/ map each kind once. */
export type RefusalKind =
  | 'malformed' // not readable at all: no JSON, no UTF-8
  | 'invalid' // readable, and breaks a rule of its schema
  | 'unauthenticated' // nobody known is calling
  | 'forbidden' // the caller is known and may not
  | 'missing' // no such thing, or none that the caller may see
  | 'conflict' // it contradicts what is already there
  | 'unpaid' // it would take more tokens than there are
  | 'too_large' // longer than the bound
  | 'too_slow' // it did not come in time
  | 'unsupported' // a content type that isn't read here
  | 'too_many' // asked too often
  | 'overloaded' // not now: try again later
  | 'full' // the disk has no room, or can't be written

export interface FieldError {
  /** Path in the input, dotted: `events.3.units`. */
  field: string
  message: string
  /** The rule that it breaks, for programs: a keyword of JSON Schema, or the type or format that is asked for. */
  code?: string
  /** The bound, where the rule has one: `maxLength` 100. */
  limit?: number
}

export interface RefusalDetails {
  errors?: FieldError[]
  /** Whole seconds after which trying again may help. */
  retryAfterSeconds?: number
  [extra: string]: unknown
}

/** Thrown by a domain to say no. `code` is stable and machine-readable, `message` is for people. */
export class Refusal extends Error {
  constructor(
    readonly kind: RefusalKind,
    readonly code: string,
    message: string,
    readonly details: RefusalDetails = {},
  ) {
    super(message)
    this.name = 'Refusal'
  }
}
