import { Refusal } from '../lib/refusal.ts'
import { problemOf } from './problem.ts'

export const RETRY_AFTER_SECONDS = 1

export const overloaded = () =>
  new Refusal('overloaded', 'overloaded', 'Too much at once; try again in a second', {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  })

const ID = '{id}'
const [BEFORE, AFTER] = JSON.stringify(problemOf(overloaded(), ID)).split(ID)

/** The body of its reply, made ahead: when there is too much at once, thousands are told in a second. */
export const overloadedText = (requestId: string) => BEFORE + requestId + AFTER
