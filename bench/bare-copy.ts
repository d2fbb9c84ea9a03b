/**
 * The limit of a read: a bare Bun.serve that answers with the bytes and the headers that Zimmer answered with, and
 * does nothing. Takes the answers by path as its only argument.
 */
export interface CopiedAnswer {
  headers: Record<string, string>
  body: string
}

if (import.meta.main) {
  const answers = JSON.parse(process.argv[2] ?? '{}') as Record<string, CopiedAnswer>
  let count = 10_000_000
  const routes = Object.fromEntries(
    Object.entries(answers).map(([path, { headers, body }]) => {
      const bytes = Buffer.from(body)
      const answer = () => {
        const own = { ...headers, 'x-request-id': `5f3a9c21-${(count++).toString(36)}` }
        return new Response(bytes, { headers: own })
      }
      return [path, answer]
    }),
  )
  const server = Bun.serve({ hostname: '127.0.0.1', port: 0, development: false, routes })
  console.log(`listening on ${server.url.href.replace(/\/$/, '')}`)
}
