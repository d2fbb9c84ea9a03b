import type { Cell } from './cells.ts'
import type { Size } from './population.ts'

export interface DayGroups {
  count: number
  subscriptions: Uint32Array
  tokens: Uint32Array
  events: Uint32Array
  /** 24 for each group. */
  hours: Uint32Array
  /** The only hour of the group; 24 when there are several. */
  onlyHour: Uint8Array
}

const HOUR_COLUMNS = Array.from({ length: 24 }, (_, hour) => `h${hour}`)
export const DAYS = ['day', 'user_automation_id', 'tokens', 'events', ...HOUR_COLUMNS]
export const TOTALS = ['day', 'automation_id', 'slot', 'tokens', 'events', ...HOUR_COLUMNS]
/** Tokens of a usage are fewer. */
const TOKENS_MOST = 8

/** What a day's consumes add up to, by subscription and by automation. */
export class RollUps {
  /** Subscription, hour and tokens in one number each, so that sorting them groups them. */
  readonly #events: Float64Array
  readonly #totals: Uint32Array
  #count = 0

  constructor(
    private readonly size: Size,
    perHour: Uint32Array,
  ) {
    this.#events = new Float64Array(perHour.reduce((sum, count) => sum + count, 0))
    // Tokens, events, and tokens by hour.
    this.#totals = new Uint32Array(size.automations * 26)
  }

  add(
    { subscription, automation, tokens }: { subscription: number; automation: number; tokens: number },
    hour: number,
  ) {
    this.#events[this.#count++] = (subscription * 32 + hour) * TOKENS_MOST + tokens
    const at = (automation - 1) * 26
    this.#plus(at, tokens)
    this.#plus(at + 1, 1)
    this.#plus(at + 2 + hour, tokens)
  }

  #plus(place: number, count: number) {
    this.#totals[place] = (this.#totals[place] as number) + count
  }

  groups(): DayGroups {
    const events = this.#events.sort()
    const most = events.length
    const groups = {
      count: 0,
      subscriptions: new Uint32Array(most),
      tokens: new Uint32Array(most),
      events: new Uint32Array(most),
      hours: new Uint32Array(most * 24),
      onlyHour: new Uint8Array(most),
    }
    let at = -1
    for (const event of events) {
      const tokens = event % TOKENS_MOST
      const rest = Math.floor(event / TOKENS_MOST)
      const subscription = Math.floor(rest / 32)
      const hour = rest % 32
      if (at < 0 || groups.subscriptions[at] !== subscription) {
        at++
        groups.subscriptions[at] = subscription
        groups.onlyHour[at] = hour
      } else if (groups.onlyHour[at] !== hour) groups.onlyHour[at] = 24
      groups.tokens[at] = (groups.tokens[at] as number) + tokens
      groups.events[at] = (groups.events[at] as number) + 1
      groups.hours[at * 24 + hour] = (groups.hours[at * 24 + hour] as number) + tokens
    }
    return { ...groups, count: at + 1 }
  }

  totals(day: number): Cell[] {
    const cells: Cell[] = []
    for (let automation = 1; automation <= this.size.automations; automation++) {
      const from = (automation - 1) * 26
      if (this.#totals[from + 1] === 0) continue
      cells.push(day, automation, 0, ...this.#totals.subarray(from, from + 26))
    }
    return cells
  }
}
