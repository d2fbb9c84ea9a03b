import Type, { type TSchema } from 'typebox'
import { rangeNames } from '../ranges.ts'

const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

const Time = Type.String({ format: 'date-time' })
const Status = Type.Enum(['pass', 'fail', 'no_data'])
const Unit = Type.Enum(['ms', '%', 'MB', 'count'])
const Value = orNull(Type.Number())

/** Query fields of everything that is asked of a range. */
export const rangeQuery = {
  range: Type.Optional(Type.Enum(rangeNames, { description: 'How far back; 15m unless given' })),
  node: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 300,
      description: 'One node, as `nodes` names it; else all together',
    }),
  ),
}

const Figure = Type.Object({
  name: Type.String(),
  target: Value,
  bound: orNull(Type.Enum(['below', 'above'], { description: 'On which side of the target it has to be' })),
  value: Value,
  unit: Unit,
  status: Status,
  endpoint: orNull(
    Type.String({ description: 'Whose value it is, where it is of one of several endpoints' }),
  ),
  series: Type.Array(Type.Object({ at: Time, value: Value })),
})

const Endpoint = Type.Object({
  method: Type.String(),
  path: Type.String(),
  target_ms: orNull(Type.Integer()),
  count: Type.Integer(),
  per_second: Type.Number(),
  errors: Type.Integer({ description: 'Answered with a 5xx' }),
  p50_ms: Type.Number(),
  p95_ms: Type.Number(),
  p99_ms: Type.Number(),
  max_ms: Type.Number(),
  within_target_percent: Type.Number(),
  status: Status,
  series: Type.Array(Type.Object({ at: Time, count: Type.Integer(), p95_ms: Value })),
})

const Cache = Type.Object({
  name: Type.String(),
  lookups: Type.Integer(),
  hits: Type.Integer(),
  hit_rate_percent: Value,
  target: Type.Number(),
  status: Status,
  series: Type.Array(Type.Object({ at: Time, value: Value })),
})

export const Report = Type.Object({
  range: Type.Enum(rangeNames),
  from: Time,
  to: Time,
  step_seconds: Type.Integer({ description: 'Between the points of a series' }),
  node: orNull(Type.String()),
  nodes: Type.Array(Type.String()),
  status: Status,
  plan: Type.Array(Figure, { description: "The performance plan's targets" }),
  endpoints: Type.Array(Endpoint, { description: 'Those with requests, the worst first' }),
  database: Type.Object({
    calls: Type.Integer(),
    per_second: Type.Number(),
    failed: Type.Integer(),
    mean_ms: Value,
    p95_ms: Value,
    p99_ms: Value,
    max_ms: Type.Number(),
  }),
  caches: Type.Array(Cache),
  process: Type.Array(Figure, { description: 'Facts of the process that the plan has no target for' }),
  misses: Type.Array(
    Type.Object({
      target: Type.String(),
      goal: Type.Integer(),
      unit: Type.String(),
      worst: Type.Integer(),
      since: Time,
      until: orNull(Time),
    }),
    { description: 'Targets missed for five minutes in a row; `until` is null while it goes on' },
  ),
})

export const SlowQueries = Type.Object({
  range: Type.Enum(rangeNames),
  statements: Type.Array(
    Type.Object({
      name: Type.String(),
      sql: Type.String({ description: 'With parameters, never with values' }),
      calls: Type.Integer(),
      failed: Type.Integer(),
      total_ms: Type.Number(),
      mean_ms: Type.Number(),
      p95_ms: Type.Number(),
      max_ms: Type.Number(),
      share_of_database_time: Type.Number({ description: '0 to 1' }),
    }),
  ),
})

export const Explained = Type.Object({
  name: Type.String(),
  sql: Type.String(),
  plan: Type.Array(Type.String(), { description: "The database's own words, a step a line" }),
  note: orNull(Type.String({ description: 'Why there is no plan, or what to know about it' })),
})
