import { Refusal } from '../lib/refusal.ts'

const BODY_MS = 10_000
const LOOK_MS = 250

type Refuse = (why: Refusal) => void

/** By place: how to refuse a body that is still coming, and at which look; places are taken again. */
const refusing: (Refuse | null)[] = []
const untilLook: number[] = []
const places: number[] = []
let looks = 0
let timer: Timer | undefined

/**
 * What `use` makes of a body when all of it is here. One timer looks after all bodies: nearly all are here at once,
 * and a timer or a second promise for each would cost more than reading it.
 *
 * @throws Refusal too_slow, malformed (the client went away in the middle), and what `use` throws.
 */
export function inTime<Body, Result>(
  body: Promise<Body>,
  use: (body: Body) => Result,
  withinMs = BODY_MS,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const place = places.pop() ?? refusing.length
    refusing[place] = reject
    untilLook[place] = looks + Math.ceil(withinMs / LOOK_MS)
    timer ??= setInterval(look, LOOK_MS).unref()
    body.then(
      (all) => {
        leave(place)
        try {
          resolve(use(all))
        } catch (error) {
          reject(error)
        }
      },
      (error) => {
        leave(place)
        reject(error instanceof Refusal ? error : incomplete())
      },
    )
  })
}

function leave(place: number) {
  refusing[place] = null
  places.push(place)
}

function look() {
  looks++
  for (const [place, refuse] of refusing.entries()) {
    if (refuse && looks > (untilLook[place] as number)) refuse(tooSlow())
  }
  if (places.length < refusing.length) return
  clearInterval(timer)
  timer = undefined
}

const tooSlow = () => new Refusal('too_slow', 'body_too_slow', 'The body did not arrive in time')
const incomplete = () =>
  new Refusal('malformed', 'body_incomplete', 'The connection ended before the body did')
