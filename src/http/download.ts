import { Refusal } from '../lib/refusal.ts'
import { dayField } from './page.ts'

/** `?from=&to=` of a download; spread it into the query's schema. */
export const daysQuery = {
  from: dayField('30 days up to `to` unless given'),
  to: dayField('the last day, today unless given'),
}

/** A download holds a connection and some memory for as long as its reader likes. */
const MOST_PER_CALLER = 2
const MOST_IN_ALL = 16
const RETRY_SECONDS = 10

/** Downloads under way in this process, by caller. */
const underWay = new Map<number, number>()
let inAll = 0

/**
 * A stream of CSV that browsers save under that name. Two at a time for one caller, sixteen in all.
 *
 * @throws Refusal `downloads_full` (too_many for the caller's own, overloaded for everybody's).
 */
export async function csvDownload(
  callerId: number,
  fileName: string,
  start: () => Promise<ReadableStream<Uint8Array>>,
) {
  const own = underWay.get(callerId) ?? 0
  if (own >= MOST_PER_CALLER || inAll >= MOST_IN_ALL) {
    const kind = own >= MOST_PER_CALLER ? 'too_many' : 'overloaded'
    const message = 'Too many downloads at once; let one end first'
    throw new Refusal(kind, 'downloads_full', message, { retryAfterSeconds: RETRY_SECONDS })
  }
  underWay.set(callerId, own + 1)
  inAll++
  const ended = onlyOnce(() => {
    inAll--
    const left = (underWay.get(callerId) ?? 1) - 1
    if (left > 0) underWay.set(callerId, left)
    else underWay.delete(callerId)
  })
  try {
    return new Response(watched(await start(), ended), {
      headers: {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': `attachment; filename="${fileName}"`,
      },
    })
  } catch (error) {
    ended()
    throw error
  }
}

function onlyOnce(work: () => void) {
  let isDone = false
  return () => {
    if (!isDone) work()
    isDone = true
  }
}

/** The same stream; `ended` is called however it ends. */
function watched(stream: ReadableStream<Uint8Array>, ended: () => void) {
  const reader = stream.getReader()
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      try {
        const { value, done } = await reader.read()
        if (!done) return controller.enqueue(value)
        ended()
        controller.close()
      } catch (error) {
        ended()
        controller.error(error)
      }
    },
    cancel: (reason) => {
      ended()
      return reader.cancel(reason)
    },
  })
}
