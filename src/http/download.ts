import Type from 'typebox'

const day = (description: string) =>
  Type.Optional(Type.String({ minLength: 10, maxLength: 10, description: `YYYY-MM-DD, UTC; ${description}` }))

/** `?from=&to=` of a download; spread it into the query's schema. */
export const daysQuery = {
  from: day('30 days up to `to` unless given'),
  to: day('the last day, today unless given'),
}

/** A stream of CSV that browsers save under that name. */
export const csvDownload = (body: ReadableStream<Uint8Array>, fileName: string) =>
  new Response(body, {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${fileName}"`,
    },
  })
